-- Changes the status of one order after another, each time to another one than before, so that (nearly) every
-- request writes: wrk -s put.lua URL -- ORDERS. Each thread has its own share of the ids 1 to ORDERS.
local requests = {}
local threads = 0

function setup(thread)
    thread:set("thread_number", threads)
    threads = threads + 1
end

function init(arguments)
    wrk.headers["Content-Type"] = "application/json"
    local share = math.min(math.floor(tonumber(arguments[1]) / 2), 2000)
    local statuses = { "ready", "shipped", "blocked", "registered" }
    for _, status in ipairs(statuses) do
        for number = 1, share do
            local path = "/orders/" .. (thread_number * share + number)
            table.insert(requests, wrk.format("PUT", path, nil, '{"status":"' .. status .. '"}'))
        end
    end
end

local next = 0

function request()
    next = next % #requests + 1
    return requests[next]
end
