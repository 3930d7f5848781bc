import type { DialOptions } from "../dial/dial.ts";
import type { ClientStream } from "./client-stream.ts";
import type { Http2ClientConnection } from "./http2-client-connection.ts";

/** Whose connection it is. */
export interface Http2ClientOwner {
  readonly dialOptions: DialOptions;
  /** It takes no further stream. Those that run may go on. */
  retired(connection: Http2ClientConnection): void;
  /** It has reset as many streams as endpoints bear: another connection is to take the next ones. */
  tired(): void;
  /** Whether a connection that is not tired takes the next streams, or will when it is there. */
  readonly rested: boolean;
  /** It was ended, for its endpoint made work for nothing. */
  flooded(detail: string): void;
  /** A stream was refused that was sent before the endpoint had said how many it takes: it never ran. */
  again(stream: ClientStream): void;
  /** A stream ended, or the endpoint takes more of them. */
  roomCame(connection: Http2ClientConnection): void;
  /** It is gone. */
  forget(connection: Http2ClientConnection, byEndpoint: boolean): void;
}
