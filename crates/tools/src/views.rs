//! Views: pages that a client's host may show for a tool's answer (MCP Apps). Each is one HTML text that is put together
//! from the files in `views` when the crate is compiled. It asks no network; its data come from the host, as text.

use async_trait::async_trait;
use pm33_auth::Scope;
use serde_json::{Value, json};

use crate::{Resource, ResourceBody, ResourceEntry, ResourceSpec, ToolContext, ToolError, Variables};

/// Media type of a view.
pub const VIEW_MIME: &str = "text/html;profile=mcp-app";

/// For how long a host may keep a page: it changes with the program only.
const TTL_MS: u64 = 300_000;

/// A page for the answers of a tool. The scopes are those of the tool.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// What it is, as a resource; its URI begins with `ui://`.
    pub spec: ResourceSpec,
    /// The whole document.
    pub html: &'static str,
}

/// One document of the shared files and a view's own.
macro_rules! page {
    ($title:literal, $style:literal, [$($script:literal),+]) => {
        concat!(
            include_str!("../views/shared/head.html"),
            "<title>", $title, "</title>\n<style>\n",
            include_str!("../views/shared/style.css"),
            include_str!($style),
            include_str!("../views/shared/body.html"),
            include_str!("../views/shared/page.js"),
            include_str!("../views/shared/host.js"),
            include_str!("../views/shared/axis.js"),
            $(include_str!($script),)+
            include_str!("../views/shared/foot.html"),
        )
    };
}

/// Dates or numbers with their chances.
pub(crate) static FORECAST: View = View {
    spec: ResourceSpec {
        uri: "ui://pm33/forecast",
        name: "view_forecast",
        title: "Delivery forecast (view)",
        description: "Page for answers of pm33_forecast_delivery: the distribution, the confidence levels, the teams' track \
            record, what moves the date. Hosts show it; it holds no data of its own.",
        mime: VIEW_MIME,
        scopes: &[Scope::PlanningRead],
        ttl_ms: TTL_MS,
    },
    html: page!(
        "Delivery forecast",
        "../views/forecast/forecast.css",
        [
            "../views/forecast/distribution.js",
            "../views/forecast/calibration.js",
            "../views/forecast/forecast.js"
        ]
    ),
};

/// Epics on the lanes of their teams.
pub(crate) static SCHEDULE: View = View {
    spec: ResourceSpec {
        uri: "ui://pm33/schedule",
        name: "view_schedule",
        title: "Portfolio schedule (view)",
        description: "Page for answers of pm33_schedule_portfolio: a Gantt chart by team, how full the teams are, the reason of \
            each placement, stories in the coming sprints. Hosts show it; it holds no data of its own.",
        mime: VIEW_MIME,
        scopes: &[Scope::PlanningRead],
        ttl_ms: TTL_MS,
    },
    html: page!(
        "Portfolio schedule",
        "../views/schedule/schedule.css",
        [
            "../views/schedule/timeline.js",
            "../views/schedule/gantt.js",
            "../views/schedule/details.js",
            "../views/schedule/packing.js",
            "../views/schedule/schedule.js"
        ]
    ),
};

/// A ranking with what each score is made of.
pub(crate) static PRIORITIES: View = View {
    spec: ResourceSpec {
        uri: "ui://pm33/priorities",
        name: "view_priorities",
        title: "Priorities (view)",
        description: "Page for answers of pm33_optimize_priorities: the ranking, each factor's share, what would change the top \
            five; the method can be changed in it. Hosts show it; it holds no data of its own.",
        mime: VIEW_MIME,
        scopes: &[Scope::PlanningRead],
        ttl_ms: TTL_MS,
    },
    html: page!(
        "Priorities",
        "../views/priorities/priorities.css",
        [
            "../views/priorities/words.js",
            "../views/priorities/weights.js",
            "../views/priorities/ranking.js",
            "../views/priorities/priorities.js"
        ]
    ),
};

/// A document with its contents, sources and findings; or the list of documents.
pub(crate) static DOCUMENT: View = View {
    spec: ResourceSpec {
        uri: "ui://pm33/document",
        name: "view_document",
        title: "Document (view)",
        description: "Page for answers of pm33_get_document: contents, sections with their sources one click away, findings of the \
            rule gate, versions. Hosts show it; it holds no data of its own.",
        mime: VIEW_MIME,
        scopes: &[Scope::DocumentsRead],
        ttl_ms: TTL_MS,
    },
    html: page!(
        "Document",
        "../views/document/document.css",
        ["../views/document/markdown.js", "../views/document/section.js", "../views/document/document.js"]
    ),
};

/// Every view, in the order of lists.
pub(crate) fn all() -> [&'static View; 4] {
    [&FORECAST, &SCHEDULE, &PRIORITIES, &DOCUMENT]
}

#[async_trait]
impl Resource for View {
    fn spec(&self) -> &ResourceSpec {
        &self.spec
    }

    /// That it needs no domain at all, and looks best with the host's border.
    fn meta(&self) -> Option<Value> {
        let none: [&str; 0] = [];
        Some(json!({ "ui": {
            "csp": { "connectDomains": none, "resourceDomains": none, "frameDomains": none, "baseUriDomains": none },
            "prefersBorder": true,
        } }))
    }

    async fn list(&self, _: &ToolContext<'_>) -> Result<Vec<ResourceEntry>, ToolError> {
        let text = str::to_owned;
        let ResourceSpec { uri, name, title, .. } = self.spec;
        Ok(vec![ResourceEntry { uri: text(uri), name: text(name), title: text(title) }])
    }

    async fn read(
        &self,
        _: &ToolContext<'_>,
        uri: &str,
        _: &Variables,
    ) -> Result<Option<Vec<ResourceBody>>, ToolError> {
        let body = ResourceBody::text(uri, VIEW_MIME, self.html);
        Ok(Some(vec![ResourceBody { meta: self.meta(), ..body }]))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{VIEW_MIME, all};
    use crate::standard;

    #[test]
    fn every_view_belongs_to_a_tool_that_asks_for_the_same_scopes() -> Result<(), String> {
        let catalogue = standard()?;
        let mut used = BTreeSet::new();
        for tool in catalogue.tools() {
            let Some(view) = tool.view else { continue };
            let (resource, _) = catalogue.resource(view.spec.uri).ok_or(view.spec.uri)?;
            assert_eq!(resource.spec().mime, VIEW_MIME);
            assert_eq!(resource.spec().scopes, tool.spec.scopes, "{}", tool.spec.name);
            used.insert(view.spec.uri);
        }
        assert_eq!(used, all().iter().map(|view| view.spec.uri).collect());
        Ok(())
    }

    #[test]
    fn a_page_is_whole_asks_no_network_and_parses_no_text_as_markup() {
        for view in all() {
            let (uri, html) = (view.spec.uri, view.html);
            assert!(uri.starts_with("ui://pm33/"));
            assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"), "{uri}");
            assert!(html.trim_end().ends_with("</html>"), "{uri}");
            assert_eq!(html.matches("<script>").count(), 1, "{uri}");
            assert_eq!(html.matches("</script>").count(), 1, "{uri}");
            // The one address is the name of the language of drawings.
            assert_eq!(
                html.matches("://").count(),
                html.matches("\"http://www.w3.org/2000/svg\"").count(),
                "{uri}"
            );
            for banned in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "DOMParser",
                "srcdoc",
                "eval(",
                "Function(",
                "fetch(",
                "XMLHttpRequest",
                "WebSocket",
                "EventSource",
                "sendBeacon",
                "import(",
                "import ",
                "localStorage",
                "@import",
                "url(h",
            ] {
                assert!(!html.contains(banned), "{uri} holds {banned}");
            }
        }
    }
}
