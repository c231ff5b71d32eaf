import Testing

@testable import OrderKernel

@Suite("Passage")
struct PassageTests {
    @Test("a request is given up while middleware holds it, and at no other time")
    func givingUp() {
        let passage = Passage()
        var isGivenUp: [Bool] = [passage.giveUp()]  // there is no middleware
        passage.leaveEndpoint()
        let enters = [passage.enterEndpoint(), passage.enterEndpoint()]
        passage.leaveEndpoint()
        isGivenUp.append(passage.giveUp())  // another call is still at the endpoint
        passage.leaveEndpoint()
        let isOutside = passage.isOutside
        isGivenUp += [passage.giveUp(), passage.giveUp()]
        let entersLate = passage.enterEndpoint()
        let staysSo = passage.isGivenUp
        #expect(isGivenUp == [false, false, true, false])
        #expect(enters == [true, true] && isOutside && !entersLate && staysSo)
    }
}
