// Refuses and records connections that pass by the proxy, in a client's process: it is loaded first, by NODE_OPTIONS.
// Only the proxy is on loopback; any other address is written to the file DIALLED_DIRECTLY.
const fs = require("node:fs");
const net = require("node:net");

const LOOPBACK = ["127.0.0.1", "localhost", "::1"];
const connect = net.Socket.prototype.connect;

function hostOf([first, second]) {
  const options = Array.isArray(first) ? first[0] : first;
  if (options !== null && typeof options === "object") {
    return options.path ? undefined : options.host;
  }
  return typeof second === "string" ? second : undefined;
}

net.Socket.prototype.connect = function (...given) {
  const host = hostOf(given) ?? "localhost";
  if (!LOOPBACK.includes(host)) {
    fs.appendFileSync(process.env.DIALLED_DIRECTLY, `${host}\n`);
    throw new Error(`${host} is not the proxy`);
  }
  return connect.apply(this, given);
};
