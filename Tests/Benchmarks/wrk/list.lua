-- Reads the first 100 orders: wrk -s list.lua URL -- ORDERS (not used)
function init()
    wrk.path = "/orders?limit=100"
end
