// Loaded into every Node tool: what is proven must be self-contained, so a tool that reaches for the network is refused.
import net from "node:net";

net.Socket.prototype.connect = function () {
  throw new Error("no network while proving: the document must be self-contained");
};
