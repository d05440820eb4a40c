// A server that takes mail, as far as it is asked to (RFC 5321), and keeps it.

import { createServer } from "node:net";

import { until } from "./harness.mjs";

export class Sink {
  static async start() {
    const sink = new Sink();
    sink.mails = [];
    sink.server = createServer((socket) => {
      // A server keeps its connection for the next mail.
      socket.unref();
      sink.#converse(socket);
    });
    await new Promise((resolve) => sink.server.listen(0, "127.0.0.1", resolve));
    sink.port = sink.server.address().port;
    return sink;
  }

  /** Arguments of a server whose mail comes here. */
  args(url) {
    return ["--mail", `smtp://127.0.0.1:${this.port}`, "--mail-from", "Ketlab <lab@example.org>", "--url", url];
  }

  #converse(socket) {
    let [buffer, to, data] = ["", "", null];
    const say = (text) => socket.write(`${text}\r\n`);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      buffer += chunk;
      for (let end; (end = buffer.indexOf("\r\n")) >= 0;) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        if (data !== null) {
          if (line === ".") {
            this.mails.push({ to, text: unquoted(data) });
            data = null;
            say("250 taken");
          } else {
            data += `${line.startsWith(".") ? line.slice(1) : line}\r\n`;
          }
          continue;
        }
        const command = line.split(/[ :]/)[0].toUpperCase();
        if (command === "EHLO") say("250 sink");
        else if (command === "DATA") [data] = ["", say("354 go on")];
        else if (command === "QUIT") socket.end("221 bye\r\n");
        else {
          if (command === "RCPT") to = line.match(/<(.*)>/)[1];
          say("250 ok");
        }
      }
    });
    say("220 sink");
  }

  /** The link with `path` in the next mail to an address; the mail is taken out. */
  async link(to, path) {
    const fits = (mail) => mail.to === to && mail.text.includes(path);
    const mail = await until(`a mail to ${to} with ${path}`, () => this.mails.find(fits), 20_000);
    this.mails.splice(this.mails.indexOf(mail), 1);
    return mail.text.match(new RegExp(`https?://[^\\s]*${path}#[0-9a-f]+`))[0];
  }

  stop() {
    this.server.close();
  }
}

/** Quoted-printable (RFC 2045, section 6.7), where it is ASCII. */
function unquoted(text) {
  return text.replaceAll("=\r\n", "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}
