// One GGUF model with a ChatML template behind the two routes of an OpenAI-compatible server that codegen uses:
// GET /v1/models and POST /v1/chat/completions with stream. Requests wait in line; a caller that hangs up ends its generation.
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import { LlamaCompletion, LlamaLogLevel, getLlama } from "node-llama-cpp";

const port = Number(process.env.PORT ?? 8090);
const threads = Number(process.env.THREADS ?? availableParallelism());
const name = "qwen2.5-coder-1.5b";

const llama = await getLlama({ build: "never", gpu: false, logLevel: LlamaLogLevel.error, maxThreads: threads });
const model = await llama.loadModel({ modelPath: process.env.MODEL, gpuLayers: 0 });
const context = await model.createContext({ contextSize: 8192, threads, batchSize: 512 });
const writer = new LlamaCompletion({ contextSequence: context.getSequence() });

const chatMl = (messages) =>
  messages.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`).join("") + "<|im_start|>assistant\n";

const answerJson = (response, status, body) =>
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

async function complete(body, response, gone) {
  const prompt = model.tokenize(chatMl(body.messages), true);
  let written = 0;
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  const send = (value) => response.write(`data: ${JSON.stringify({ id: "local", model: name, ...value })}\n\n`);
  const result = await writer.generateCompletionWithMeta(prompt, {
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? 2048,
    temperature: body.temperature ?? 0.2,
    topP: 0.95,
    topK: 40,
    seed: body.seed,
    repeatPenalty: false,
    signal: gone,
    stopOnAbortSignal: true,
    onToken: (tokens) => (written += tokens.length),
    onTextChunk: (content) => send({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
  });
  const reason = result.metadata.stopReason === "maxTokens" ? "length" : "stop";
  send({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
  send({ choices: [], usage: { prompt_tokens: prompt.length, completion_tokens: written } });
  response.end("data: [DONE]\n\n");
}

let line = Promise.resolve();
createServer(async (request, response) => {
  if (request.method === "GET" && request.url === "/v1/models") {
    return answerJson(response, 200, { object: "list", data: [{ id: name, object: "model", owned_by: "local" }] });
  }
  if (request.method !== "POST" || request.url !== "/v1/chat/completions") {
    return answerJson(response, 404, { error: { message: `no route ${request.method} ${request.url}` } });
  }
  let text = "";
  for await (const part of request) text += part;
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  line = line
    .then(() => (gone.signal.aborted ? undefined : complete(JSON.parse(text), response, gone.signal)))
    .catch((error) => (response.headersSent ? response.end() : answerJson(response, 400, { error: { message: String(error) } })));
}).listen(port, "127.0.0.1", () => console.error(`ready: http://127.0.0.1:${port}/v1`));
