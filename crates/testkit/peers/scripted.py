"""What LiteLLM answers in the tests: by the name of the model that it is asked for, always with the same figures.

LiteLLM makes each of the three surfaces of it, plain and as a stream, in its own words.
"""

from litellm import CustomLLM, ModelResponse, Usage
from litellm.llms.custom_llm import CustomLLMError
from litellm.types.utils import (
    Choices,
    CompletionTokensDetailsWrapper,
    Message,
    PromptTokensDetailsWrapper,
)

TEXT = "Grüße 🦀, in Stücken."
REASONS = {"length": "length", "filter": "content_filter"}


def used(model):
    """`used-1-2-3-4-5-6-7` used so much: input, read from a cache, written for 5 minutes, 30 minutes and an hour, output, reasoning."""
    if not model.startswith("used-"):
        return Usage(
            prompt_tokens=100,
            completion_tokens=9,
            total_tokens=109,
            prompt_tokens_details=PromptTokensDetailsWrapper(cached_tokens=30),
            completion_tokens_details=CompletionTokensDetailsWrapper(reasoning_tokens=4),
        )
    plain, read, five, thirty, hour, output, reasoning = map(int, model.split("-")[1:])
    written = five + thirty + hour
    sent = plain + read + written
    return Usage(
        prompt_tokens=sent,
        completion_tokens=output,
        total_tokens=sent + output,
        prompt_tokens_details=PromptTokensDetailsWrapper(cached_tokens=read, cache_creation_tokens=written),
        completion_tokens_details=CompletionTokensDetailsWrapper(reasoning_tokens=reasoning),
        cache_read_input_tokens=read,
        cache_creation_input_tokens=written,
    )


def fail(model):
    """`status-429` fails with that status."""
    if model.startswith("status-"):
        raise CustomLLMError(status_code=int(model.split("-")[1]), message="you said Refunds")


class Scripted(CustomLLM):
    async def acompletion(self, model, messages, *args, **kwargs):
        fail(model)
        choice = Choices(
            index=0,
            finish_reason=REASONS.get(model, "stop"),
            message=Message(role="assistant", content=TEXT),
        )
        response = ModelResponse(model=model, choices=[choice])
        response.usage = used(model)
        return response

    async def astreaming(self, model, messages, *args, **kwargs):
        fail(model)
        cut = int(model.split("-")[1]) if model.startswith("cut-") else None
        for place, character in enumerate(TEXT):
            if place == cut:
                raise CustomLLMError(status_code=500, message="you said Refunds")
            yield self.part(character)
        usage = used(model).model_dump()
        yield {**self.part(""), "is_finished": True, "finish_reason": REASONS.get(model, "stop"), "usage": usage}

    @staticmethod
    def part(text):
        return {"text": text, "tool_use": None, "is_finished": False, "finish_reason": "", "usage": None, "index": 0}


handler = Scripted()
