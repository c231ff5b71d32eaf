/// YAML 1.1's own tags, as far as a profile honours them (https://yaml.org/type/).
enum YAMLTag {
    static let prefix = "tag:yaml.org,2002:"
    static let null = prefix + "null"
    static let merge = prefix + "merge"
    /// Make a text of a scalar, whatever it looks like.
    static let texts: Set<String> = ["!", prefix + "str", prefix + "timestamp", merge]
    /// Let a scalar be read as a number or a boolean, though it is quoted.
    static let literals: Set<String> = [prefix + "int", prefix + "float", prefix + "bool"]
    /// The texts that are null when written plain.
    static let nulls: Set<String> = ["", "~", "null", "Null", "NULL"]
}
