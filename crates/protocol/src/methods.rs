//! Method names.

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
