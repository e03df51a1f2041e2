"""Failures of an OpenAI-compatible server, translated into Tagwire's errors."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import ClientConnectorError, ClientError, ConnectionTimeoutError
from aiohttp.client_reqrep import ConnectionKey

from ner_core.engines.http import StatusError, UnencodableError
from ner_core.engines.openai_protocol import UNREADABLE
from ner_core.engines.server_words import words_of
from ner_core.errors import (
    EngineAccessError,
    EngineBusyError,
    EngineDownError,
    EngineError,
    EngineLostError,
    EngineRequestError,
    EngineTimeoutError,
    PromptTooLongError,
)

_BY_STATUS: dict[int, type[EngineError]] = {
    **dict.fromkeys((401, 402, 403, 404), EngineAccessError),
    **dict.fromkeys((408, 504, 524), EngineTimeoutError),  # 524: Cloudflare
    **dict.fromkeys((425, 429, 503, 529), EngineBusyError),  # 529: Anthropic and its gateways
    424: EngineLostError,  # TGI: the generation failed
}
_TOO_LONG = re.compile(
    r"context[ _]?(length|size|window|limit)|\bcontext overflow"  # OpenAI, vLLM, llama.cpp, Ollama
    r"|max(imum)? (model|input|sequence|allowed|prompt) length"  # vLLM, SGLang, xAI
    r"|model's (maximum )?length"  # SGLang
    r"|(exceeds?|longer than|less than|greater than|<=|>) .{0,40}"
    r"(max[ _]?(seq|model|num|input|total)[ _]?(len|tokens)|maxctx|n_ctx|num_ctx|session[_ ]len"
    r"|max session)"  # TensorRT-LLM, Ollama, TabbyAPI, KoboldCpp, LMDeploy
    r"|default_max_tokens"  # TensorRT-LLM
    r"|max_(completion_)?tokens\W{1,4}(must|should|integer)\b[^;]{0,80}\bgot -"  # vLLM, OpenAI
    r"|tokens? .{0,30}\bmore than (the )?max(imum)? .{0,20}tokens"  # GitHub
    r"|\binputs?`? (tokens \+|must have less than)|`truncate` must be strictly positive"  # TGI
    r"|n_keep .*n_ctx|tokens to keep from the initial prompt|keep the first \d+ tokens"  # LM Studio
    r"|\b(prompt|(?<!invalid )inputs?|(tokens?|length|context)\b.{0,20}\b(request|messages?)"
    r"|(request|messages?)\b(?=.{0,140}\b(tokens?|length|context)\b))"
    r"\b.{0,60}\b(too (long|large)\b|exceeds?\b|larger than|cannot exceed)"
    r".{0,80}\b(tokens?|process|for|length|limit|cache|allowed|\d{3,})"
    r"|\b(prompt|input)\b.{0,40}\b(is )?too long"
    r"|too many ((input|prompt) tokens|tokens( in|:))"  # Bedrock, Mistral, Cohere
    r"|range of input length|expected maxlength"  # Qwen
    r"|\b(number of|total|input|prompt) tokens?\b.{0,40}"
    r"\b(exceed(s|ed)?|(no|not be|cannot be) (more|greater|larger|longer|above|over))\b"  # watsonx
    r"|token limit exceeded|exceed(s|ed) .{0,20}token limit"  # MiniMax, Moonshot
    r"|(输入|提示|上下文|prompt).{0,12}(超过|超出|过长|超长)"  # Zhipu and others
    r"|string too long. expected a string with maximum length"  # OpenAI
    r"|(reduce|shorten\w*) .{0,20}(length of the )?\b(messages?|input|prompt)\b",
    re.IGNORECASE,
)
_WHAT = r"(prompt|inputs?|messages?|conversation|sequence|context|tokens?|text|n_ctx|max_seq_len)"
_OVER = (
    r"(too (long|large|many|big)|exceed(s|ed|ing)?|(longer|larger|greater|bigger|more) than|>"
    r"|(not|n't) fit|overflow\w*|full|limit(ed)? (is|to|reached)|reached|up to \d+|only \d+)"
)
_LIMIT = r"(?:\d|\blimit|\bmaximum\b)"
_OVER_A_LIMIT = re.compile(
    rf"\b{_WHAT}\b(?=.{{0,100}}{_LIMIT}).{{0,60}}(?<!\w){_OVER}(?!\w)"
    rf"|(?<!\w){_OVER}(?!\w)(?=.{{0,60}}{_LIMIT}).{{0,40}}\b{_WHAT}\b"
    r"|\b(prompt|conversation|sequence|context|tokens|n_ctx|max_seq_len)\b.{0,20}"
    r"(too (long|large)|exceed(s|ed|ing)?|(not|n't) fit|overflow\w*)\b"
    r"|\b(prompt|input|context|token|string)(_\w+)?_(too_long|exceeded|above_max_length)\b",
    re.IGNORECASE,
)
"""Any other words for it: a refusal that is taken for one costs a few requests, one that is not
costs a document."""
_OTHER_FIELD = re.compile(
    r"max_(\w+_)?tokens|completion tokens|logprobs|\bstop\b|temperature|penalty|format|schema"
    r"|\b(cannot|not) be (empty|negative)|\bn must\b|choice|\b(list|items?|tools?)\b"
    r"|\b(system|user|assistant|role|images?|flagged|input should be)\b",
    re.IGNORECASE,
)
"""What other refusals are about."""
_NO_MODEL = re.compile(
    r"(model|adapter)(s|_\w+)?\b.{0,80}\b(not (found|loaded|available)|(does|do) not exist"
    r"|isn't (loaded|available)|not currently loaded|unloaded)|no models? (is |are )?loaded"
    r"|model_not_(found|supported)|not a valid model\b"
    r"|(unknown|invalid|unsupported|no such) model\b(?! (output|response|input|param|setting))"
    r"|failed to load model|model not exist"  # DeepSeek
    r"|model\b.{0,80}\b(decommissioned|no longer (supported|available))"  # Groq
    r"|^([^\n]*error: )?(the )?(requested )?model [\"'`]?[\w./:-]+[\"'`]? is not supported"
    r"(\.?$| by any provider)",  # Hugging Face
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_NO_KEY = re.compile(
    r"api.?key.{0,20}\b(not valid|invalid|not found|expired|missing)"  # Gemini
    r"|(invalid|incorrect|missing|no) (x-)?api.?key|invalid authentication|^unauthorized\b"
    r"|credit balance|insufficient (credit|balance|quota)"  # Anthropic
    r"|\baccount\b.{0,30}\b(not active|good standing|suspended|deactivated)"  # OpenAI, Qwen
    r"|user location is not supported",  # Gemini
    re.IGNORECASE | re.MULTILINE,
)
_TOO_LARGE = re.compile(r"\brequest too large\b", re.IGNORECASE)
"""OpenAI refuses a request over the tokens of a minute as it refuses one too many (429). What is
larger than a server or the gateway before it takes is 413, in whatever words."""
_NOT_YET = re.compile(
    r"\b(model|server|engine)\b.{0,40}"
    r"\b(is (still |currently )?(loading|warming up|starting up|overloaded)\b"
    r"|not ready( yet\b|\W*$))"
    r"|\bstill loading (the )?model\b",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"\bfailed\b|\bunsupported\b|\bnot (support|allow)|\berror (while|during)\b", re.IGNORECASE
)
"""Some servers refuse a request (400, 409, 422) until their model is loaded."""
_DIED = re.compile(
    r"\b(the model|(model|runner) process) (has )?(crashed|terminated)", re.IGNORECASE
)
"""LM Studio refuses a request (400) whose model crashed over it."""
_SHOWN = 1000
"""So many characters of a long reply are shown of its beginning, and of its end: some repeat the
whole request."""
_CLIENT_ERROR = 400
_TOO_LARGE_BODY = 413
_TOO_MANY = 429
_SERVER_ERROR = 500


@contextmanager
def translated(model: str, *, prompts: int = 1) -> Iterator[None]:
    """Turn every failure of a request inside the block into an ``EngineError``.

    ``prompts`` is how many the request holds: of a list that is too large, fewer may not be.
    """
    try:
        yield
    except StatusError as exc:
        raise _of_status(model, exc, prompts) from exc
    except (ClientConnectorError, ConnectionTimeoutError) as exc:
        reason = f"it cannot be reached; down or restarting ({_why_unreachable(exc)})"
        raise EngineDownError(model, reason) from exc
    except TimeoutError as exc:
        reason = "no reply in time; the engine is slow or hangs"
        raise EngineTimeoutError(model, reason) from exc
    except (ClientError, OSError) as exc:
        # The repr of some would show the request's headers, and so the API key.
        reason = f"the connection was cut ({type(exc).__name__}: {exc})"
        raise EngineLostError(model, reason) from exc
    except UnencodableError as exc:
        raise EngineRequestError(model, f"the request has no UTF-8 form: {exc}") from exc
    except UNREADABLE as exc:
        # Replies are read without a schema: one of another protocol fails where it is read.
        too_long = _TOO_LONG.search(words_of(str(exc)))
        error = PromptTooLongError if too_long else EngineLostError
        raise error(model, f"the reply cannot be read: {exc}") from exc


def _why_unreachable(exc: Exception) -> str:
    """Return place and reason; the client's own words are of its pool, or lack the reason."""
    match exc.args:
        case (ConnectionKey() as place, reason):
            return f"{place.host}, port {place.port}: {reason}"
        case _:
            return str(exc)


def _of_status(model: str, exc: StatusError, prompts: int) -> EngineError:
    reason = str(exc)
    if len(reason) > 2 * _SHOWN:
        reason = f"{reason[:_SHOWN]} … {reason[-_SHOWN:]}"
    if exc.status < _CLIENT_ERROR:
        return EngineAccessError(model, reason)
    words = words_of(exc.message)
    too_large = exc.status == _TOO_MANY and _TOO_LARGE.search(words)
    if too_large or (exc.status == _TOO_LARGE_BODY and not _TOO_LONG.search(words)):
        error = PromptTooLongError if prompts == 1 else EngineRequestError
        return error(model, reason)
    if known := _BY_STATUS.get(exc.status):
        return known(model, reason, retry_after_s=exc.retry_after_s)
    return _by_words(exc.status, words)(model, reason)


def _by_words(status: int, words: str) -> type[EngineError]:
    if _TOO_LONG.search(words):
        return PromptTooLongError
    if status >= _SERVER_ERROR or _DIED.search(words):
        return EngineLostError
    if _NO_MODEL.search(words) or _NO_KEY.search(words):
        return EngineAccessError
    if _NOT_YET.search(words) and not _NEVER.search(words):
        return EngineBusyError
    if _OVER_A_LIMIT.search(words) and not _OTHER_FIELD.search(words):
        return PromptTooLongError
    return EngineRequestError
