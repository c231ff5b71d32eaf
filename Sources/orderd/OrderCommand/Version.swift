/// The version of orderd, as semantic versioning has it.
let orderdVersion = "0.1.0"
