import { join } from "node:path";
import type { MethodDefinition } from "@grpc/grpc-js";
import { loadSync, type ServiceDefinition } from "@grpc/proto-loader";

/** Messages of `interop.proto`, as proto-loader reads and writes them. What is left out has its default. */
export type Empty = Readonly<Record<string, never>>;

export interface Payload {
  readonly body: Uint8Array;
}

interface BoolValue {
  readonly value: boolean;
}

export interface EchoStatus {
  readonly code: number;
  readonly message: string;
}

export interface SimpleRequest {
  readonly responseSize?: number;
  readonly payload?: Payload;
  readonly responseCompressed?: BoolValue;
  readonly responseStatus?: EchoStatus;
  readonly expectCompressed?: BoolValue;
  readonly fillServerId?: boolean;
}

export interface SimpleResponse {
  readonly payload?: Payload;
  readonly serverId?: string;
}

export interface InputRequest {
  readonly payload?: Payload;
  readonly expectCompressed?: BoolValue;
}

export interface InputResponse {
  readonly aggregatedPayloadSize?: number;
}

export interface OutputRequest {
  readonly responseParameters?: readonly { readonly size: number; readonly compressed?: BoolValue }[];
  readonly payload?: Payload;
  readonly responseStatus?: EchoStatus;
}

export interface OutputResponse {
  readonly payload?: Payload;
}

const loaded = loadSync(join(import.meta.dirname, "interop.proto"));

/** `grpc.testing.TestService`, for a grpc-js server. */
export const TEST_SERVICE = service("TestService");

export const EMPTY_CALL = method<Empty, Empty>("TestService", "EmptyCall");
export const UNARY_CALL = method<SimpleRequest, SimpleResponse>("TestService", "UnaryCall");
export const INPUT_CALL = method<InputRequest, InputResponse>("TestService", "StreamingInputCall");
export const OUTPUT_CALL = method<OutputRequest, OutputResponse>("TestService", "StreamingOutputCall");
export const DUPLEX_CALL = method<OutputRequest, OutputResponse>("TestService", "FullDuplexCall");
/** No server implements it. */
export const UNIMPLEMENTED_METHOD = method<Empty, Empty>("TestService", "UnimplementedCall");
/** No server has its service. */
export const UNIMPLEMENTED_SERVICE = method<Empty, Empty>("UnimplementedService", "UnimplementedCall");

function service(name: string): ServiceDefinition {
  return loaded[`grpc.testing.${name}`] as ServiceDefinition; // the file declares it as a service
}

function method<Request, Response>(of: string, name: string): MethodDefinition<Request, Response> {
  const found = service(of)[name];
  if (found === undefined) throw new Error(`interop.proto has no ${of}.${name}`);
  return found as unknown as MethodDefinition<Request, Response>; // the types above are those messages
}

/** So many bytes of zeros, as the cases want them. */
export function zeros(bytes: number): Payload {
  return { body: Buffer.alloc(bytes) };
}

/** Length of a payload; 0 without one. */
export function sizeOf(message: { readonly payload?: Payload | null } | undefined): number {
  return message?.payload?.body.length ?? 0;
}
