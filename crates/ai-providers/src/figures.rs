//! Providers' usage figures in one shape. OpenAI counts cached and written tokens inside its input, Anthropic outside.

use pm33_ai::{Figures, Usage};
use serde_json::Value;

fn number(value: &Value, path: &str) -> Option<u64> {
    let found = value.pointer(path)?;
    // Some endpoints write whole numbers as floats.
    found
        .as_u64()
        .or_else(|| found.as_f64().filter(|number| *number >= 0.0 && number.fract() == 0.0).and_then(whole))
}

fn whole(number: f64) -> Option<u64> {
    format!("{number:.0}").parse().ok()
}

/// Anthropic's figures.
pub(crate) fn anthropic(raw: &Value) -> Usage {
    let of = |path| number(raw, path).unwrap_or(0);
    let written = of("/cache_creation_input_tokens");
    let (hour, minutes) =
        (of("/cache_creation/ephemeral_1h_input_tokens"), of("/cache_creation/ephemeral_5m_input_tokens"));
    Usage {
        input: of("/input_tokens"),
        cached_read: of("/cache_read_input_tokens"),
        // What is not told apart is of the usual life.
        cache_write_5m: minutes.max(written.saturating_sub(hour)),
        cache_write_30m: 0,
        cache_write_1h: hour,
        output: of("/output_tokens"),
        reasoning: of("/output_tokens_details/thinking_tokens").min(of("/output_tokens")),
        figures: Figures::Final,
        raw: raw.clone(),
    }
}

/// OpenAI's figures, of Responses and of chat completions.
pub(crate) fn openai(raw: &Value) -> Usage {
    let of = |paths: [&str; 2]| paths.into_iter().find_map(|path| number(raw, path)).unwrap_or(0);
    let input = of(["/input_tokens", "/prompt_tokens"]);
    let cached =
        of(["/input_tokens_details/cached_tokens", "/prompt_tokens_details/cached_tokens"]).min(input);
    let written =
        of(["/input_tokens_details/cache_write_tokens", "/prompt_tokens_details/cache_write_tokens"])
            .min(input - cached);
    let output = of(["/output_tokens", "/completion_tokens"]);
    let reasoning =
        of(["/output_tokens_details/reasoning_tokens", "/completion_tokens_details/reasoning_tokens"]);
    Usage {
        input: input - cached - written,
        cached_read: cached,
        cache_write_5m: 0,
        cache_write_30m: written,
        cache_write_1h: 0,
        output,
        reasoning: reasoning.min(output),
        figures: Figures::Final,
        raw: raw.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn counts(usage: &Usage) -> [u64; 7] {
        let Usage {
            input,
            cached_read,
            cache_write_5m,
            cache_write_30m,
            cache_write_1h,
            output,
            reasoning,
            ..
        } = *usage;
        [input, cached_read, cache_write_5m, cache_write_30m, cache_write_1h, output, reasoning]
    }

    #[test]
    fn cached_tokens_are_counted_once_in_either_shape() {
        let theirs = anthropic(
            &json!({ "input_tokens": 70, "cache_read_input_tokens": 30, "output_tokens": 9, "new": {} }),
        );
        let responses = openai(&json!({
            "input_tokens": 100, "input_tokens_details": { "cached_tokens": 30 }, "output_tokens": 9, "total_tokens": 109,
        }));
        let chat = openai(&json!({
            "prompt_tokens": 100.0, "prompt_tokens_details": { "cached_tokens": 30, "audio": null }, "completion_tokens": 9,
        }));
        for usage in [&theirs, &responses, &chat] {
            assert_eq!(counts(usage), [70, 30, 0, 0, 0, 9, 0]);
        }
    }

    #[test]
    fn writes_and_reasoning_go_to_their_classes() {
        let split = anthropic(&json!({
            "input_tokens": 1, "cache_creation_input_tokens": 50, "output_tokens": 5,
            "cache_creation": { "ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 30 },
        }));
        assert_eq!(counts(&split), [1, 0, 20, 0, 30, 5, 0]);
        let unsplit = anthropic(&json!({ "cache_creation_input_tokens": 50 }));
        assert_eq!(counts(&unsplit), [0, 0, 50, 0, 0, 0, 0]);
        let both = openai(&json!({
            "input_tokens": 100, "input_tokens_details": { "cached_tokens": 30, "cache_write_tokens": 60 },
            "output_tokens": 20, "output_tokens_details": { "reasoning_tokens": 15 },
        }));
        assert_eq!(counts(&both), [10, 30, 0, 60, 0, 20, 15]);
    }

    #[test]
    fn what_cannot_be_is_bounded_and_what_is_missing_is_nothing() {
        let odd = openai(&json!({
            "input_tokens": 10, "input_tokens_details": { "cached_tokens": 30 }, "output_tokens": 1,
            "output_tokens_details": { "reasoning_tokens": 5 },
        }));
        assert_eq!(counts(&odd), [0, 10, 0, 0, 0, 1, 1]);
        for raw in [json!({}), json!({ "input_tokens": -5, "output_tokens": "7" }), json!([]), Value::Null] {
            assert_eq!(counts(&super::openai(&raw)), [0; 7]);
            assert_eq!(counts(&anthropic(&raw)), [0; 7]);
        }
    }
}
