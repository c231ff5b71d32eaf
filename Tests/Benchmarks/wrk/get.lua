-- Reads one order after another, spread over the ids 1 to ORDERS: wrk -s get.lua URL -- ORDERS
local requests = {}

function init(arguments)
    local orders = tonumber(arguments[1])
    for number = 1, math.min(orders, 2000) do
        requests[number] = wrk.format("GET", "/orders/" .. (number * 7919 % orders + 1))
    end
end

local next = 0

function request()
    next = next % #requests + 1
    return requests[next]
end
