// Prints what the official parser says of the AsyncAPI document on standard input.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf8"));
const messages = document?.channels().all().map((channel) => [
  channel.address(),
  channel.messages().all().map((message) => message.id()),
]);
console.log(JSON.stringify({ version: document?.version(), messages, diagnostics }));
