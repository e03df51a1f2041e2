"use strict";
// Asks the server; an error says why there is no answer.
class Refusal extends Error {
  constructor(status, why) {
    super(why.replace(/\.$/, "")); // something may follow
    this.status = status;
  }
}

async function refusalOf(answer) {
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  const why = isJson ? (await answer.json()).error : undefined;
  return new Refusal(answer.status, why ?? `${answer.status} ${answer.statusText}`.trim());
}

async function requested(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : new Error("the server does not answer");
  }
  if (!answer.ok) throw await refusalOf(answer);
  return answer;
}
