/** What a media type of gRPC-Web says. */
export interface WebType {
  /** The body is text: base64. */
  readonly text: boolean;
  /** What stands behind the name, "+proto" for one: the same in gRPC's own type. "" when it does not say. */
  readonly format: string;
}

/** Parameters are read over: none is defined. Source: gRPC PROTOCOL-WEB, "HTTP wire protocols". */
const WEB = /^application\/grpc-web(-text)?(\+[a-z0-9.-]+)?[ \t]*(?:;|$)/i;
const GRPC = /^application\/grpc(\+[a-z0-9.-]+)?[ \t]*(?:;|$)/i;

/** Reads a Content-Type. @returns undefined when it is none of gRPC-Web */
export function readWebType(contentType: string): WebType | undefined {
  const [match, text, format = ""] = WEB.exec(contentType) ?? [];
  return match === undefined ? undefined : { text: text !== undefined, format: format.toLowerCase() };
}

/**
 * The form in which the answer is wanted: as the first type of gRPC-Web in Accept has it, and where there is none as
 * the request came.
 */
export function wantsText(accept: string, asked: WebType): boolean {
  for (const part of accept.split(",")) {
    const type = readWebType(part.trim());
    if (type !== undefined) return type.text;
  }
  return asked.text;
}

/** The type of the request that gRPC knows. */
export function grpcType({ format }: WebType): string {
  return `application/grpc${format}`;
}

/** The type of gRPC-Web for an answer of gRPC's type; undefined when the answer is none. */
export function webType(contentType: string, text: boolean): string | undefined {
  const [match, format = ""] = GRPC.exec(contentType) ?? [];
  // Who does not say means proto; browsers' clients want to be told. Source: PROTOCOL-WEB.
  return match === undefined ? undefined : `application/grpc-web${text ? "-text" : ""}${format || "+proto"}`;
}
