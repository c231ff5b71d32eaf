extension ConfigurationProblem.Code {
    /// What went wrong, and what to do about it.
    var explanation: String {
        switch self {
        case .unreadableFile: "A profile could not be read. Check its path and its permissions."
        case .syntax:
            "The text is not YAML that a profile may be: a tab as indentation, a missing space after a colon, an "
                + "unclosed quote, a second document, an unknown tag. Nothing else of that file was looked at."
        case .duplicateKey: "A map has the same key twice in one file. Keep one of them."
        case .unknownKey: "No setting has this key, in whatever layer it stands. Look at the suggestion, or remove it."
        case .misplacedKey: "The key is a setting of another section. Move it there; often its indentation is wrong."
        case .unknownPlugin: "This program has no such plugin. `orderd plugins list` shows those that it has."
        case .missing: "A setting without a default is given by no profile, `--set` or environment variable."
        case .wrongType:
            "The value is of another type: a list where a number is expected, a quoted number, a duration or size "
                + "without its unit."
        case .outOfRange: "The value is of the right type, but outside the setting's range, or an empty list."
        case .unknownChoice: "The value is none of the names that the setting allows."
        case .missingVariable:
            "A `${NAME}` or `${file:PATH}` has no value and no default. Set it, write `${NAME:-default}`, or check "
                + "with `--without-environment`."
        case .badSubstitution: "A `${…}` is not closed or not of a known form. Write `$$` for a dollar sign."
        case .conflict:
            "Two instances need the same port, file, stream or path of a document for themselves, or a file of the "
                + "profile; two storages are chosen; or a middleware stands in the list twice."
        case .tooLarge: "A profile has more than 1 MiB."
        case .tooDeep: "A profile is nested deeper than 64 levels."
        case .tooManyNodes: "A profile has more than 100,000 keys and values, aliases counted each time they are used."
        case .checkFailed: "A value, or several together, break a rule of the section; the message says which."
        }
    }
}
