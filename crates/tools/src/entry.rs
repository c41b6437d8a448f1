//! A registered tool: its specification, both schemas, a compiled validator, and the function behind it. Erasure of the
//! input and output types happens here and nowhere else.

use std::{pin::Pin, sync::Arc};

use serde_json::{Value, value::RawValue};

use crate::{Answer, Cost, Tool, ToolContext, ToolError, ToolSpec, View, compute::small_call, schema};

/// A running tool.
pub type ToolFuture<'a> = Pin<Box<dyn Future<Output = Result<Answer, ToolError>> + Send + 'a>>;

type Run = Box<dyn for<'a> Fn(&'a ToolContext<'a>, Value) -> ToolFuture<'a> + Send + Sync>;

/// A registered tool.
pub struct ToolEntry {
    /// What it is.
    pub spec: ToolSpec,
    /// Arguments of a useful call, as JSON.
    pub example: &'static str,
    /// Schema of the arguments.
    pub input_schema: Arc<RawValue>,
    /// Schema of the result.
    pub output_schema: Option<Arc<RawValue>>,
    /// Whether a header may repeat an argument (`x-mcp-header` in the schema).
    pub repeats_in_headers: bool,
    /// Whether it is called only by clients that take tasks.
    pub only_as_task: bool,
    /// The page for its answers.
    pub view: Option<&'static View>,
    validator: jsonschema::Validator,
    scopes: Arc<str>,
    run: Run,
}

impl ToolEntry {
    /// Registers a typed tool.
    ///
    /// # Errors
    /// A text that says what is wrong with its schemas; registries are built in tests, so it never reaches a user.
    pub fn of<T: Tool>() -> Result<Self, String> {
        let (input, output) = (schema::of_input::<T::Input>(), schema::of_output::<T::Output>());
        let run: Run = Box::new(|ctx, arguments| {
            Box::pin(async move {
                let input = serde_json::from_value::<T::Input>(arguments)
                    .map_err(|error| ToolError::Refused(format!("arguments: {error}")))?;
                let output = T::call(ctx, input).await?;
                let written = T::write(&output).map_err(|error| {
                    let message = "the result could not be written".to_owned();
                    ToolError::Unavailable { message, cause: error.into() }
                })?;
                Ok(Answer { structured: Some(written), ..Answer::default() })
            })
        });
        let entry = Self::build(T::SPEC, T::EXAMPLE, &input, Some(&output), run)?;
        Ok(Self { view: T::VIEW, ..entry })
    }

    /// Registers a tool whose schema and answer are its own business.
    ///
    /// # Errors
    /// As [`ToolEntry::of`].
    pub fn untyped(
        spec: ToolSpec,
        input_schema: &Value,
        run: impl for<'a> Fn(&'a ToolContext<'a>, Value) -> ToolFuture<'a> + Send + Sync + 'static,
    ) -> Result<Self, String> {
        Self::build(spec, "{}", input_schema, None, Box::new(run))
    }

    /// To be called only by clients that take tasks.
    #[must_use]
    pub fn only_as_task(self) -> Self {
        Self { only_as_task: true, ..self }
    }

    fn build(
        spec: ToolSpec,
        example: &'static str,
        input: &Value,
        output: Option<&Value>,
        run: Run,
    ) -> Result<Self, String> {
        let raw = |schema: &Value| {
            serde_json::value::to_raw_value(schema)
                .map(Arc::from)
                .map_err(|error| format!("{}: {error}", spec.name))
        };
        let validator = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(input)
            .map_err(|error| format!("{}: input schema: {error}", spec.name))?;
        let input_schema: Arc<RawValue> = raw(input)?;
        Ok(Self {
            scopes: spec.scope_set().to_string().into(),
            spec,
            example,
            repeats_in_headers: input_schema.get().contains("x-mcp-header"),
            input_schema,
            output_schema: output.map(raw).transpose()?,
            only_as_task: false,
            view: None,
            validator,
            run,
        })
    }

    /// The scopes that it needs, in words.
    pub fn scopes(&self) -> Arc<str> {
        Arc::clone(&self.scopes)
    }

    /// The compiled validator of the arguments.
    pub fn validator(&self) -> &jsonschema::Validator {
        &self.validator
    }

    /// Runs the tool on validated arguments.
    pub fn run<'a>(&self, ctx: &'a ToolContext<'a>, arguments: Value) -> ToolFuture<'a> {
        if self.spec.cost == Cost::Light {
            small_call();
        }
        (self.run)(ctx, arguments)
    }
}

impl std::fmt::Debug for ToolEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ToolEntry").field("spec", &self.spec).finish_non_exhaustive()
    }
}
