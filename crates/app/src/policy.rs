//! The privacy policy at `/privacy`: this deployment's true values in the program's own text, as HTML and as Markdown;
//! earlier versions as they were published.

mod html;

use std::{collections::BTreeSet, path::Path};

use http::{Method, StatusCode};
use pm33_tenancy::{Plan, data_map};
use pm33_transport::{SideAnswer, SideRoutes};
use serde_json::Value;

use crate::{Settings, retention::JUDGED};

/// The text with its gaps.
const TEXT: &str = include_str!("../policy/policy.md");
/// Where published versions lie, in the data folder.
const FOLDER: &str = "policies";
const MARKDOWN: &str = "text/markdown; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// A policy in both forms.
#[derive(Clone, Debug)]
struct Page {
    markdown: String,
    html: String,
}

impl Page {
    fn of(markdown: String) -> Self {
        Self { html: html::page(&markdown), markdown }
    }
}

/// The policy and its earlier versions.
#[derive(Clone, Debug)]
pub struct Policy {
    version: String,
    now: Page,
    /// By version.
    earlier: Vec<(String, Page)>,
}

/// A value anywhere in the settings, if there is one of this name.
fn setting<'a>(settings: &'a Value, pointer: &str) -> Option<&'a Value> {
    settings.pointer(pointer).filter(|value| !value.is_null())
}

fn providers(settings: &Value) -> String {
    let named = setting(settings, "/ai/providers").and_then(Value::as_array).filter(|all| !all.is_empty());
    let Some(named) = named else {
        return "none is configured here, so nothing is sent".to_owned();
    };
    let word = |one: &Value| match one.as_str().unwrap_or_default() {
        "anthropic" => "Anthropic".to_owned(),
        "openai" => "OpenAI".to_owned(),
        "compatible" => {
            let url =
                setting(settings, "/ai/compatible_url").and_then(Value::as_str).unwrap_or("an endpoint");
            format!("an endpoint of the operator's choice ({url})")
        }
        other => other.to_owned(),
    };
    named.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn audit_retention(settings: &Value) -> String {
    match setting(settings, "/limits/audit_days").and_then(Value::as_u64) {
        Some(days) => format!(
            "Audit logs are kept for {days} days, unless the organisation's own retention or its plan says otherwise; a legal \
             hold keeps them longer."
        ),
        None => "Audit logs are kept until the operator removes them.".to_owned(),
    }
}

fn documents(settings: &Settings) -> String {
    let by_default = match settings.limits.document_days {
        0 => "Documents stay as long as the other content".to_owned(),
        days => format!("Documents are removed {days} days after their last change"),
    };
    let shorter = Plan::ALL.into_iter().filter_map(|plan| Some((plan, plan.document_days()?)));
    let plans = shorter
        .map(|(plan, days)| format!(", on the plan `{}` after {days} days at most", plan.as_str()))
        .collect::<Vec<_>>()
        .concat();
    format!("{by_default}{plans}; the organisation may set a time of its own.")
}

fn grounds() -> String {
    let told: BTreeSet<_> = data_map::columns()
        .filter(|one| one.rule.category != data_map::Category::Machinery)
        .map(|one| (one.rule.category, one.rule.basis.to_string()))
        .collect();
    told.iter().map(|(category, basis)| format!("| {category} | {basis} |")).collect::<Vec<_>>().join("\n")
}

fn transport(settings: &Settings) -> &'static str {
    if settings.tls.certificate.is_some() {
        "This server takes HTTPS only."
    } else if settings.server.plain_http == crate::PlainHttp::BehindProxy {
        "HTTPS ends at the operator's proxy; the server refuses what came to it by plain HTTP."
    } else {
        "This server listens on its own machine only."
    }
}

/// The text of this deployment's policy.
pub(crate) fn text(settings: &Settings, earlier: &[String]) -> String {
    let all = serde_json::to_value(settings).unwrap_or_default();
    let own = &settings.privacy;
    let earlier = if earlier.is_empty() {
        "There is no earlier version.".to_owned()
    } else {
        let links = earlier.iter().map(|version| format!("[{version}](/privacy/{version})"));
        format!("Earlier versions: {}.", links.collect::<Vec<_>>().join(", "))
    };
    let telemetry = if settings.telemetry.otlp_endpoint.is_some() {
        "Metrics and traces without ids of people go to the operator's own collector."
    } else {
        "No telemetry leaves the server."
    };
    let gaps = [
        ("{version}", own.version.clone()),
        (
            "{effective}",
            own.effective.clone().unwrap_or_else(|| "a day that the operator has not set".to_owned()),
        ),
        ("{operator}", own.operator.clone()),
        (
            "{ask}",
            own.contact
                .as_ref()
                .map_or_else(|| "ask the operator".to_owned(), |contact| format!("write to {contact}")),
        ),
        (
            "{contact}",
            own.contact.clone().unwrap_or_else(|| "No address is set; ask the operator".to_owned()),
        ),
        ("{calls_key}", settings.limits.calls_per_minute_key.to_string()),
        ("{calls_tenant}", settings.limits.calls_per_minute_tenant.to_string()),
        ("{session_minutes}", settings.limits.session_idle_minutes.to_string()),
        ("{audit_retention}", audit_retention(&all)),
        ("{documents}", documents(settings)),
        ("{judged_days}", (JUDGED.as_secs() / 86_400).to_string()),
        ("{providers}", providers(&all)),
        ("{grounds}", grounds()),
        ("{telemetry}", telemetry.to_owned()),
        ("{transport}", transport(settings).to_owned()),
        ("{earlier}", earlier),
    ];
    gaps.iter().fold(TEXT.to_owned(), |text, (gap, value)| text.replace(gap, value))
}

/// Published versions, oldest first, but for the current one.
fn published(folder: &Path, current: &str) -> std::io::Result<Vec<(String, String)>> {
    let folder = folder.join(FOLDER);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let version = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.extension().is_some_and(|ending| ending == "md") && version != current {
            all.push((std::fs::metadata(&path)?.modified()?, version, std::fs::read_to_string(&path)?));
        }
    }
    all.sort();
    Ok(all.into_iter().map(|(_, version, text)| (version, text)).collect())
}

impl Policy {
    /// The policy of a deployment.
    ///
    /// # Errors
    /// When published versions cannot be read.
    pub fn of(settings: &Settings) -> std::io::Result<Self> {
        let version = settings.privacy.version.clone();
        let published = published(&settings.data.dir, &version)?;
        let names: Vec<_> = published.iter().map(|(version, _)| version.clone()).collect();
        let now = Page::of(text(settings, &names));
        let earlier = published.into_iter().map(|(version, text)| (version, Page::of(text))).collect();
        Ok(Self { version, now, earlier })
    }

    /// The current text.
    pub fn markdown(&self) -> &str {
        &self.now.markdown
    }

    /// Versions that can be read, the current one last.
    pub fn versions(&self) -> Vec<&str> {
        self.earlier.iter().map(|(version, _)| version.as_str()).chain([self.version.as_str()]).collect()
    }

    /// Keeps the current text in the data folder, so that it can be read when a later version is in effect; where it lies.
    ///
    /// # Errors
    /// When it cannot be written; [`std::io::ErrorKind::AlreadyExists`] when this version was published with another text.
    pub fn publish(&self, folder: &Path) -> std::io::Result<std::path::PathBuf> {
        let folder = folder.join(FOLDER);
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{}.md", self.version));
        if path.exists() {
            if std::fs::read_to_string(&path)? == self.now.markdown {
                return Ok(path);
            }
            return Err(std::io::Error::new(
                std::io::ErrorKind::AlreadyExists,
                format!(
                    "version {} was published with another text; give this one a new version",
                    self.version
                ),
            ));
        }
        std::fs::write(&path, &self.now.markdown)?;
        Ok(path)
    }

    fn find(&self, version: &str) -> Option<&Page> {
        if version == self.version {
            return Some(&self.now);
        }
        self.earlier.iter().find(|(known, _)| known == version).map(|(_, page)| page)
    }
}

impl SideRoutes for Policy {
    fn route(&self, method: &Method, path: &str, accept: &str) -> Option<SideAnswer> {
        let rest = path.strip_prefix("/privacy")?;
        let (rest, ending) = match rest.rsplit_once('.') {
            Some((rest, "md")) => (rest, Some(MARKDOWN)),
            Some((rest, "html")) => (rest, Some(HTML)),
            _ => (rest, None),
        };
        let page = match rest {
            "" | "/" => &self.now,
            version => self.find(version.strip_prefix('/')?)?,
        };
        if *method != Method::GET && *method != Method::HEAD {
            return Some(SideAnswer {
                status: StatusCode::METHOD_NOT_ALLOWED,
                content_type: "text/plain; charset=utf-8",
                body: "ask with GET".into(),
            });
        }
        let content_type = ending.unwrap_or(if prefers_markdown(accept) { MARKDOWN } else { HTML });
        let body = if content_type == HTML { page.html.clone() } else { page.markdown.clone() };
        Some(SideAnswer { status: StatusCode::OK, content_type, body: body.into() })
    }
}

/// Whether Markdown is asked for before HTML.
fn prefers_markdown(accept: &str) -> bool {
    let place = |media: &str| accept.split(',').position(|one| one.trim().starts_with(media));
    match (place("text/markdown"), place("text/html")) {
        (Some(markdown), Some(html)) => markdown < html,
        (Some(_), None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gap_is_filled_and_says_what_holds() {
        let mut settings = Settings::default();
        settings.limits.session_idle_minutes = 17;
        settings.limits.document_days = 411;
        settings.privacy.contact = Some("privacy@example.org".to_owned());
        let told = text(&settings, &["0.9".to_owned()]);
        assert!(!told.contains('{') && !told.contains('}'), "{told}");
        for words in [
            "17 idle minutes",
            "411 days after their last change, on the plan `trial` after 90 days",
            "judged is kept for 90 days",
            "privacy@example.org",
            "[0.9](/privacy/0.9)",
            "its own machine only",
        ] {
            assert!(told.contains(words), "{words}: {told}");
        }
    }

    #[test]
    fn the_form_is_chosen_by_ending_or_by_what_is_accepted() -> std::io::Result<()> {
        let policy = Policy::of(&Settings::default())?;
        let of =
            |path: &str, accept: &str| policy.route(&Method::GET, path, accept).map(|one| one.content_type);
        assert_eq!(of("/privacy", ""), Some(HTML));
        assert_eq!(of("/privacy", "text/markdown, text/html"), Some(MARKDOWN));
        assert_eq!(of("/privacy", "text/html, text/markdown"), Some(HTML));
        assert_eq!(of("/privacy.md", "text/html"), Some(MARKDOWN));
        assert_eq!(of("/privacy/1.0.html", "text/markdown"), Some(HTML));
        assert_eq!(of("/privacy/1.0", "text/markdown"), Some(MARKDOWN));
        assert_eq!(of("/privacy/0.1", ""), None);
        assert_eq!(of("/privacyx", ""), None);
        let other = policy.route(&Method::POST, "/privacy", "").map(|one| one.status);
        assert_eq!(other, Some(StatusCode::METHOD_NOT_ALLOWED));
        Ok(())
    }

    #[test]
    fn a_published_version_stays_and_is_not_changed_under_its_number() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let mut settings = Settings::default();
        settings.data.dir = folder.path().to_owned();
        Policy::of(&settings)?.publish(folder.path())?;
        Policy::of(&settings)?.publish(folder.path())?;
        settings.limits.session_idle_minutes = 5;
        let changed = Policy::of(&settings)?.publish(folder.path());
        assert!(changed.is_err_and(|error| error.kind() == std::io::ErrorKind::AlreadyExists));
        "1.1".clone_into(&mut settings.privacy.version);
        let policy = Policy::of(&settings)?;
        policy.publish(folder.path())?;
        assert_eq!(policy.versions(), ["1.0", "1.1"]);
        let old = policy.route(&Method::GET, "/privacy/1.0.md", "").map(|one| one.body);
        assert!(old.is_some_and(|body| String::from_utf8_lossy(&body).contains("30 idle minutes")));
        assert!(policy.markdown().contains("5 idle minutes") && policy.markdown().contains("/privacy/1.0"));
        Ok(())
    }
}
