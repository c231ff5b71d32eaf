/// A text such as `1m30s` or `64KiB`, taken apart.
struct UnitText {
    /// Amounts with their units, as written; no unit where the text ends with digits.
    let parts: [(amount: Substring, unit: Substring)]

    /// `nil` where the text is not digits and units by turns.
    init?(_ text: String) {
        var rest = text[...]
        var parts: [(Substring, Substring)] = []
        while !rest.isEmpty {
            let amount = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(amount.count)
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard !amount.isEmpty, !unit.isEmpty || rest.isEmpty else { return nil }
            parts.append((amount, unit))
        }
        guard !parts.isEmpty else { return nil }
        self.parts = parts
    }

    /// The text with the units that were probably meant; `nil` where that cannot be told.
    /// - Parameter names: Units by what they are also called, in lower case.
    static func corrected(_ text: String, _ names: [String: String]) -> String? {
        let parts = UnitText(text.filter { $0 != " " })?.parts.map { part in
            names[part.unit.lowercased()].map { part.amount + $0 }
        }
        guard let parts, !parts.contains(nil) else { return nil }
        return parts.compactMap(\.self).joined()
    }

    /// The number that is the whole text, as far as 64 bits hold it; `nil` where there is a unit.
    var bareNumber: Int64? {
        parts.count == 1 && parts[0].unit.isEmpty ? Int64(parts[0].amount) ?? .max : nil
    }

    /// The sum of all parts, each times its unit's size; `nil` where it does not fit into 64 bits.
    func sum(_ sizes: [Int64]) -> Int64? {
        var sum: Int64 = 0
        for (part, size) in zip(parts, sizes) {
            guard let amount = Int64(part.amount) else { return nil }
            let product = amount.multipliedReportingOverflow(by: size)
            let total = sum.addingReportingOverflow(product.partialValue)
            if product.overflow || total.overflow { return nil }
            sum = total.partialValue
        }
        return sum
    }
}
