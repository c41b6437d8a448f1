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
        response.usage = Usage(
            prompt_tokens=100,
            completion_tokens=9,
            total_tokens=109,
            prompt_tokens_details=PromptTokensDetailsWrapper(cached_tokens=30),
            completion_tokens_details=CompletionTokensDetailsWrapper(reasoning_tokens=4),
        )
        return response

    async def astreaming(self, model, messages, *args, **kwargs):
        fail(model)
        cut = int(model.split("-")[1]) if model.startswith("cut-") else None
        for place, character in enumerate(TEXT):
            if place == cut:
                raise CustomLLMError(status_code=500, message="you said Refunds")
            yield self.part(character)
        usage = {
            "prompt_tokens": 100,
            "completion_tokens": 9,
            "total_tokens": 109,
            "prompt_tokens_details": {"cached_tokens": 30},
        }
        yield {**self.part(""), "is_finished": True, "finish_reason": REASONS.get(model, "stop"), "usage": usage}

    @staticmethod
    def part(text):
        return {"text": text, "tool_use": None, "is_finished": False, "finish_reason": "", "usage": None, "index": 0}


handler = Scripted()
