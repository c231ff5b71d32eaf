/// The version of orderd, as semantic versioning has it.
package let orderdVersion = "0.1.0"
