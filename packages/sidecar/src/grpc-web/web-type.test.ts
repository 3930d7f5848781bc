import { describe, expect, test } from "vitest";
import { grpcType, readWebType, wantsText, webType } from "./web-type.ts";

describe("the types of gRPC-Web", () => {
  test.each([
    { type: "application/grpc-web", text: false, grpc: "application/grpc" },
    { type: "application/grpc-web+proto", text: false, grpc: "application/grpc+proto" },
    { type: "application/grpc-web-text", text: true, grpc: "application/grpc" },
    { type: "application/grpc-web-text+proto", text: true, grpc: "application/grpc+proto" },
    { type: "application/grpc-web+json; charset=utf-8", text: false, grpc: "application/grpc+json" },
    { type: "Application/gRPC-Web-Text+Proto ;x=1", text: true, grpc: "application/grpc+proto" },
  ])("$type is $grpc", ({ type, text, grpc }) => {
    const read = readWebType(type);
    expect(read?.text).toBe(text);
    expect(read && grpcType(read)).toBe(grpc);
  });

  test.each([
    "",
    "application/grpc",
    "application/grpc+proto",
    "application/grpc-website",
    "application/grpc-web-texts",
    "application/grpc-web+",
    "application/grpc-web+proto, text/plain",
    "text/application/grpc-web",
    "application/json",
  ])("%j is none", (type) => {
    expect(readWebType(type)).toBeUndefined();
  });

  test.each([
    { accept: "", asked: true, text: true },
    { accept: "*/*", asked: true, text: true },
    { accept: "*/*", asked: false, text: false },
    { accept: "application/grpc-web-text", asked: false, text: true },
    { accept: "application/json, application/grpc-web+proto, */*", asked: true, text: false },
  ])("asked as text: $asked, with Accept $accept: answered as text: $text", ({ accept, asked, text }) => {
    expect(wantsText(accept, { text: asked, format: "" })).toBe(text);
  });

  test.each([
    { type: "application/grpc", text: false, web: "application/grpc-web+proto" },
    { type: "application/grpc+json", text: true, web: "application/grpc-web-text+json" },
    { type: "application/grpc;x=1", text: true, web: "application/grpc-web-text+proto" },
    { type: "application/grpc-web", text: true, web: undefined },
    { type: "text/html", text: false, web: undefined },
  ])("an answer of $type becomes $web", ({ type, text, web }) => {
    expect(webType(type, text)).toBe(web);
  });
});
