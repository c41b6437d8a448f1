//! Method names, and the revisions that know them.

use crate::Revision;

/// Opens a legacy session.
pub const INITIALIZE: &str = "initialize";
/// Legacy: the client is ready.
pub const INITIALIZED: &str = "notifications/initialized";
/// Legacy: are you there.
pub const PING: &str = "ping";
/// Legacy: least severity of log messages.
pub const SET_LEVEL: &str = "logging/setLevel";
/// Legacy: watch a resource.
pub const SUBSCRIBE: &str = "resources/subscribe";
/// Legacy: stop watching.
pub const UNSUBSCRIBE: &str = "resources/unsubscribe";
/// Modern: what the server is and can.
pub const DISCOVER: &str = "server/discover";
/// Modern: a stream of change notices.
pub const LISTEN: &str = "subscriptions/listen";
/// Tools that this caller may call.
pub const TOOLS_LIST: &str = "tools/list";
/// Calls a tool.
pub const TOOLS_CALL: &str = "tools/call";
/// Resources that this caller may read.
pub const RESOURCES_LIST: &str = "resources/list";
/// Families of resources.
pub const TEMPLATES_LIST: &str = "resources/templates/list";
/// Reads a resource.
pub const RESOURCES_READ: &str = "resources/read";
/// Prompts that this caller may use.
pub const PROMPTS_LIST: &str = "prompts/list";
/// Fills a prompt.
pub const PROMPTS_GET: &str = "prompts/get";
/// Completes an argument.
pub const COMPLETE: &str = "completion/complete";
/// The sender gave up on a request.
pub const CANCELLED: &str = "notifications/cancelled";
/// Progress of a request.
pub const PROGRESS: &str = "notifications/progress";
/// A log message.
pub const MESSAGE: &str = "notifications/message";
/// First message of a listen stream.
pub const ACKNOWLEDGED: &str = "notifications/subscriptions/acknowledged";
/// The list of tools changed.
pub const TOOLS_CHANGED: &str = "notifications/tools/list_changed";
/// The list of prompts changed.
pub const PROMPTS_CHANGED: &str = "notifications/prompts/list_changed";
/// The list of resources changed.
pub const RESOURCES_CHANGED: &str = "notifications/resources/list_changed";
/// A resource changed.
pub const RESOURCE_UPDATED: &str = "notifications/resources/updated";
/// Asks the person.
pub const ELICIT: &str = "elicitation/create";
/// Asks the client's model.
pub const SAMPLE: &str = "sampling/createMessage";
/// Asks for the client's roots.
pub const ROOTS: &str = "roots/list";
/// Legacy: the client's roots changed.
pub const ROOTS_CHANGED: &str = "notifications/roots/list_changed";
/// 2025-11-25: what a person was sent to a page for is done.
pub const ELICITATION_COMPLETE: &str = "notifications/elicitation/complete";
/// Tasks: state of a task, and its result when there is one.
pub const TASKS_GET: &str = "tasks/get";
/// Tasks, modern: hands in what a task asked for.
pub const TASKS_UPDATE: &str = "tasks/update";
/// Tasks: asks a task to stop.
pub const TASKS_CANCEL: &str = "tasks/cancel";
/// 2025-11-25: the tasks of a session.
pub const TASKS_LIST: &str = "tasks/list";
/// 2025-11-25: waits for a task and gives its result.
pub const TASKS_RESULT: &str = "tasks/result";
/// 2025-11-25: state of a task.
pub const TASK_STATUS: &str = "notifications/tasks/status";

const ALL: &[Revision] = &[Revision::V2025_06_18, Revision::V2025_11_25, Revision::V2026_07_28];
const LEGACY: &[Revision] = &[Revision::V2025_06_18, Revision::V2025_11_25];
const MODERN: &[Revision] = &[Revision::V2026_07_28];

/// The revisions that know a method, oldest first; empty for a method that is not listed here. `tasks/update` and its
/// kin count where the tasks extension or core defines them. Questions to the client (`elicitation/create`,
/// `sampling/createMessage`, `roots/list`) are requests in legacy revisions and parts of a result in modern ones.
pub fn revisions(method: &str) -> &'static [Revision] {
    match method {
        TOOLS_LIST | TOOLS_CALL | RESOURCES_LIST | TEMPLATES_LIST | RESOURCES_READ | PROMPTS_LIST
        | PROMPTS_GET | COMPLETE | CANCELLED | PROGRESS | MESSAGE | TOOLS_CHANGED | PROMPTS_CHANGED
        | RESOURCES_CHANGED | RESOURCE_UPDATED | ELICIT | SAMPLE | ROOTS => ALL,
        INITIALIZE | INITIALIZED | PING | SET_LEVEL | SUBSCRIBE | UNSUBSCRIBE | ROOTS_CHANGED => LEGACY,
        DISCOVER | LISTEN | ACKNOWLEDGED | TASKS_UPDATE => MODERN,
        TASKS_GET | TASKS_CANCEL => &[Revision::V2025_11_25, Revision::V2026_07_28],
        ELICITATION_COMPLETE | TASKS_LIST | TASKS_RESULT | TASK_STATUS => &[Revision::V2025_11_25],
        _ => &[],
    }
}
