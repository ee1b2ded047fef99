-- wrk's requests: POST, cycling the client ids of a file. Arguments after `--`: API key, file, body with ID in it.
local ids, turn, before, after = {}, 0, "", ""

function init(arguments)
  for line in io.lines(arguments[2]) do ids[#ids + 1] = line end
  before, after = arguments[3]:match("^(.*)ID(.*)$")
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["X-API-Key"] = arguments[1]
end

function request()
  turn = turn % #ids + 1
  return wrk.format(nil, nil, nil, before .. ids[turn] .. after)
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('figures {"count":%d,"microseconds":%d,"p50_us":%d,"p99_us":%d,"failures":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
