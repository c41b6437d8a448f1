//! Fixture resources.

use std::sync::Arc;

use async_trait::async_trait;
use pm33_tools::{Resource, ResourceBody, ResourceEntry, ResourceSpec, ToolContext, ToolError, Variables};
use serde_json::json;

use crate::content::PNG;

struct Fixed(ResourceSpec);

const fn spec(uri: &'static str, name: &'static str, mime: &'static str) -> ResourceSpec {
    ResourceSpec {
        uri,
        name,
        title: name,
        description: "A resource of the fixture.",
        mime,
        scopes: &[],
        ttl_ms: 1_000,
    }
}

pub(crate) fn all() -> Vec<Arc<dyn Resource>> {
    vec![
        Arc::new(Fixed(spec("test://static-text", "static-text", "text/plain"))),
        Arc::new(Fixed(spec("test://static-binary", "static-binary", "image/png"))),
        Arc::new(Fixed(spec("test://watched-resource", "watched-resource", "text/plain"))),
        Arc::new(Fixed(spec("test://template/{id}/data", "template", "application/json"))),
    ]
}

#[async_trait]
impl Resource for Fixed {
    fn spec(&self) -> &ResourceSpec {
        &self.0
    }

    async fn list(&self, _: &ToolContext<'_>) -> Result<Vec<ResourceEntry>, ToolError> {
        let entry = ResourceEntry {
            uri: self.0.uri.to_owned(),
            name: self.0.name.to_owned(),
            title: self.0.title.to_owned(),
        };
        Ok(if self.0.is_template() { Vec::new() } else { vec![entry] })
    }

    async fn read(
        &self,
        _: &ToolContext<'_>,
        uri: &str,
        variables: &Variables,
    ) -> Result<Option<Vec<ResourceBody>>, ToolError> {
        let body = match self.0.name {
            "static-binary" => ResourceBody { is_base64: true, ..ResourceBody::text(uri, self.0.mime, PNG) },
            "template" => {
                let id = variables.get("id").cloned().unwrap_or_default();
                let data = json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") });
                ResourceBody::text(uri, self.0.mime, data.to_string())
            }
            _ => ResourceBody::text(uri, self.0.mime, "This is the content of the static text resource."),
        };
        Ok(Some(vec![body]))
    }
}
