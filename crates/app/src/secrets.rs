//! Generated secrets: the pepper of API keys, the audit key and the key of handles. They live in one file beside the
//! data, readable by its owner only, and never in the database.

use std::{
    fmt::Write as _,
    io::Write,
    path::{Path, PathBuf},
};

use pm33_auth::{Pepper, Peppers, Sealer, Vault};
use pm33_tenancy::AuditKeys;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::{Deserialize, Serialize};

/// Why secrets cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The file cannot be read or made.
    #[error("the secrets file {path} cannot be used: {why}")]
    Unusable {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// There is data whose secrets are missing.
    #[error(
        "{path} is missing, but a database is there: its keys and its audit log cannot be checked without it; \
         put the file back (it belongs into every backup)"
    )]
    Lost {
        /// The file.
        path: String,
    },
}

/// The secrets of a deployment.
pub struct Secrets(File);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Peppers, newest first.
    peppers: Vec<Named>,
    /// The audit key.
    audit: String,
    /// Keys of handles, newest first.
    handles: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    id: String,
    key: String,
}

fn fresh() -> SecretString {
    let bytes: [u8; 32] = rand::random();
    let mut text = String::with_capacity(64);
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    SecretString::from(text)
}

fn key(hex: &str) -> Option<SecretBox<[u8; 32]>> {
    let mut bytes = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    for (slot, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        *slot = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(SecretBox::new(Box::new(bytes)))
}

impl Secrets {
    /// Reads the secrets beside the data, making them when nothing is there yet.
    ///
    /// # Errors
    /// When the file cannot be used, or is missing beside an existing database.
    pub fn open(folder: &Path, database: Option<&Path>) -> Result<Self, SecretsError> {
        let path = folder.join("secrets.toml");
        let unusable = |why: String| SecretsError::Unusable { path: path.display().to_string(), why };
        if !path.exists() {
            if database.is_some_and(Path::exists) {
                return Err(SecretsError::Lost { path: path.display().to_string() });
            }
            std::fs::create_dir_all(folder).map_err(|error| unusable(error.to_string()))?;
            make(folder, &path).map_err(|error| unusable(error.to_string()))?;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| unusable(error.to_string()))?;
        let file: File =
            toml::from_str(&text).map_err(|_| unusable("it is not what this program wrote".to_owned()))?;
        let hex = file.peppers.iter().map(|named| &named.key).chain([&file.audit]).chain(&file.handles);
        if file.peppers.is_empty()
            || file.handles.is_empty()
            || hex.into_iter().any(|text| key(text).is_none())
        {
            return Err(unusable("a key in it is not 64 hexadecimal digits".to_owned()));
        }
        Ok(Self(file))
    }

    /// The audit key of a data folder, for a check that opens no database; nothing is made.
    ///
    /// # Errors
    /// When the folder's secrets cannot be read.
    pub fn audit_of(folder: &Path) -> Result<AuditKeys, SecretsError> {
        let path = folder.join("secrets.toml");
        let unusable = |why: String| SecretsError::Unusable { path: path.display().to_string(), why };
        let text = std::fs::read_to_string(&path).map_err(|error| unusable(error.to_string()))?;
        let file: File =
            toml::from_str(&text).map_err(|_| unusable("it is not what this program wrote".to_owned()))?;
        Self(file).audit().ok_or_else(|| unusable("the audit key is not 64 hexadecimal digits".to_owned()))
    }

    /// Peppers of API keys; `None` is ruled out by [`Secrets::open`].
    pub fn peppers(&self) -> Option<Peppers> {
        let peppers: Vec<_> = self
            .0
            .peppers
            .iter()
            .filter_map(|named| Some(Pepper { id: named.id.clone(), key: key(&named.key)? }))
            .collect();
        Peppers::new(&peppers)
    }

    /// The audit key; `None` is ruled out by [`Secrets::open`].
    pub fn audit(&self) -> Option<AuditKeys> {
        key(&self.0.audit).as_ref().map(AuditKeys::new)
    }

    /// The sealer of handles; `None` is ruled out by [`Secrets::open`].
    pub fn sealer(&self) -> Option<Sealer> {
        Sealer::new(&self.handles())
    }

    /// The vault of tenants' own secrets, under keys made from those of handles; `None` is ruled out by [`Secrets::open`].
    pub fn vault(&self) -> Option<Vault> {
        Vault::new(&self.handles())
    }

    fn handles(&self) -> Vec<SecretBox<[u8; 32]>> {
        self.0.handles.iter().filter_map(|text| key(text)).collect()
    }
}

/// Writes fresh secrets; when two processes do at once, the first one's stay.
fn make(folder: &Path, path: &Path) -> std::io::Result<()> {
    let file = File {
        peppers: vec![Named { id: "p1".to_owned(), key: fresh().expose_secret().to_owned() }],
        audit: fresh().expose_secret().to_owned(),
        handles: vec![fresh().expose_secret().to_owned()],
    };
    let text = toml::to_string(&file).map_err(std::io::Error::other)?;
    let temporary: PathBuf = folder.join(format!(".secrets-{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(&temporary)?;
    out.write_all(b"# Secrets of this deployment, made by the program. Keep it private; it belongs into every backup.\n")?;
    out.write_all(text.as_bytes())?;
    out.sync_all()?;
    let linked = std::fs::hard_link(&temporary, path);
    std::fs::remove_file(&temporary)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
