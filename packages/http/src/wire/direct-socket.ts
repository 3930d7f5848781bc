import type { Buffer } from "node:buffer";
import { Socket, type SocketConnectOpts } from "node:net";

type Written = (error?: Error | null) => void;

/** More than that is not held: a caller that sends requests and reads no answers is to be seen. */
const MOST_HELD = 16 * 1024;

// What the stream calls for each write. Node documents it for those who make streams.
const { _write: writeToKernel } = Socket.prototype;

/**
 * A socket with a short way to the kernel for messages that it takes at once, as it does nearly all short ones.
 *
 * A stream keeps books on each write, and closes them in a turn of its own behind it. Here they are kept from when the
 * kernel has not taken all of a message: what is counted, waited for and told of is the same. ADR 29.
 */
export class DirectSocket extends Socket {
  #held = "";
  /** The kernel has taken all of what `send` gave it. */
  #taken = true;
  /** What `send` gave it comes to the stream, which is to count it and not to write it again. */
  #given = false;
  /** Tells the stream when the kernel has taken the rest. */
  #written: Written | undefined = undefined;

  /** Whether something is held: no byte of it has left. */
  get holding(): boolean {
    return this.#held !== "";
  }

  /**
   * Keeps a message until `sendHeld`. It goes before whatever is written or ended behind it. Only while the socket is not
   * corked.
   *
   * @param text a character for each byte
   * @returns false: something was held before, and whoever held that sends this along
   */
  hold(text: string): boolean {
    const first = this.#held === "";
    this.#held += text;
    if (this.#held.length > MOST_HELD) this.sendHeld();
    return first;
  }

  /** Sends what is held, if anything is. */
  sendHeld(): void {
    const held = this.#held;
    this.#held = "";
    if (held !== "") this.send(held);
  }

  /**
   * Writes a message behind all that was written before, as `write` does. An error ends the socket.
   *
   * @param message bytes, or text with a character for each byte. Bytes may be written over once `writableLength` is 0
   */
  send(message: Buffer | string): void {
    this.sendHeld();
    if (this.writableLength > 0 || this.writableCorked > 0 || !this.writable) {
      super.write(message as string, "latin1");
      return;
    }
    this.#taken = false;
    // For bytes Node has this name, which its types do not know.
    const encoding = typeof message === "string" ? "latin1" : ("buffer" as BufferEncoding);
    writeToKernel.call(this, message, encoding, this.#sent);
    if (this.#taken) return;
    this.#given = true;
    super.write(message as string, "latin1");
  }

  /** Node puts its own `write` in the place of any other when it connects. */
  override connect(...where: unknown[]): this {
    super.connect(...(where as [SocketConnectOpts]));
    this.write = DirectSocket.prototype.write;
    return this;
  }

  override write(bytes: Uint8Array | string, encoding?: BufferEncoding | Written, written?: Written): boolean {
    this.sendHeld();
    return super.write(bytes, encoding as BufferEncoding, written);
  }

  override end(...last: unknown[]): this {
    this.sendHeld();
    return super.end(...(last as []));
  }

  override _write(bytes: unknown, encoding: BufferEncoding, written: Written): void {
    if (!this.#given) return writeToKernel.call(this, bytes, encoding, written);
    this.#given = false;
    this.#written = written;
  }

  readonly #sent: Written = (error) => {
    const written = this.#written;
    this.#written = undefined;
    this.#taken = true;
    if (written !== undefined) written(error);
    else if (error) this.destroy(error);
  };
}
