-- Creates orders: wrk -s post.lua URL -- ORDERS (not used)
local requests = {}
local woods = { "oak", "maple", "birch", "elm", "pine" }

function init()
    wrk.headers["Content-Type"] = "application/json"
    for number = 1, 2000 do
        local body = string.format(
            '{"customer_id":"cust_%d","wood_type":"%s","quantity":%d,"status":"registered"}',
            number * 7919 % 10007, woods[number % 5 + 1], 1 + number % 100)
        requests[number] = wrk.format("POST", "/orders", nil, body)
    end
end

local next = 0

function request()
    next = next % #requests + 1
    return requests[next]
end
