internal import Glibc
internal import OrderKernel

/// How many files, sockets among them, the process may have open at a time.
enum DescriptorLimit {
    /// Raises the limit as far as the process may, where a plan needs more.
    /// - Returns: What the operator should know where that is not enough: what asks for how much, and the limit.
    static func raise(for plan: ServicePlan) -> (asked: String, limit: Int)? {
        let needed = plan.descriptors.reduce(ofEveryProcess) { $0 + $1.count }
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < needed else {
            return nil
        }
        var raised = limit
        raised.rlim_cur = min(limit.rlim_max, rlim_t(needed))
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        guard limit.rlim_cur < needed else { return nil }
        let asked = plan.descriptors.map { "\($0.path) \($0.count)" }.joined(separator: ", ")
        return (asked, Int(limit.rlim_cur))
    }

    /// Standard files, databases, exporters, and what each thread waits with.
    private static var ofEveryProcess: Int { 64 + 8 * max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
