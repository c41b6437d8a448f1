//! The copy that answers a right of access or portability: a ZIP of JSON for each category, CSV for each table, files of
//! other forms, and a manifest with hashes, counts, sources, recipients, retention and grounds. And the way back.

use std::io::{Read, Seek, Write};

use pm33_tenancy::{
    Digest, Timestamp,
    data_map::{Category, Column, Elsewhere},
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::{InterchangeError, formula::disarm};

/// The form of the copy.
const FORMAT: &str = "pm33-privacy-export/1";
/// The manifest's name.
const MANIFEST: &str = "manifest.json";
/// Largest file that is read back, in bytes: what is packed small may unpack to anything.
const LARGEST: u64 = 1 << 30;

/// A table of the copy.
#[derive(Clone, Copy, Debug)]
pub struct BundlePart<'a> {
    /// The table.
    pub table: &'a str,
    /// Its columns, in the order of the cells.
    pub columns: &'a [Column],
    /// Rows.
    pub rows: &'a [Vec<Value>],
}

/// What the copy says of itself.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    /// Version of the program.
    pub program: String,
    /// When it was made.
    pub made: Timestamp,
    /// The organisation.
    pub tenant: String,
    /// The member's id, or `organisation`.
    pub subject: String,
    /// What a reader must know of this version.
    pub standing: &'static str,
    /// What is kept outside the tables, with its rule.
    pub elsewhere: &'static [Elsewhere],
}

/// A copy that is being written.
pub struct Bundle<W: Write + Seek> {
    zip: ZipWriter<W>,
    files: Vec<Value>,
}

fn unwritable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> InterchangeError {
    InterchangeError::Unreadable(std::io::Error::other(error))
}

fn word(category: Category) -> String {
    category.to_string()
}

/// The category under which a table's rows are told: that of its first column.
fn category(part: &BundlePart<'_>) -> Option<Category> {
    part.columns.first().map(|one| one.rule.category)
}

/// Where data of a category comes from.
fn source(category: Category) -> &'static str {
    match category {
        Category::Identity | Category::Organisation => {
            "entered by the organisation's or the deployment's administrators"
        }
        Category::Credential => "made by the program",
        Category::Content => "written by members and their tools, or imported by them",
        Category::Activity | Category::Connection | Category::Session => {
            "observed while the service was used"
        }
        Category::Billing => "grants of the operator, and use as providers reported it",
        Category::Transfer => "recorded when something was sent",
        Category::Machinery => "the program's own numbers",
    }
}

fn object(part: &BundlePart<'_>, row: &[Value]) -> Value {
    let pairs = part.columns.iter().zip(row).map(|(column, cell)| (column.column.to_owned(), cell.clone()));
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => disarm(text.clone()),
        other => disarm(other.to_string()),
    }
}

impl<W: Write + Seek> Bundle<W> {
    /// Begins a copy.
    pub fn begin(out: W) -> Self {
        Self { zip: ZipWriter::new(out), files: Vec::new() }
    }

    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), InterchangeError> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        self.zip.start_file(name, options).map_err(unwritable)?;
        self.zip.write_all(bytes).map_err(unwritable)
    }

    /// Adds a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), InterchangeError> {
        self.put(name, bytes)?;
        let hash = Digest(Sha256::digest(bytes).into()).to_string();
        self.files.push(json!({ "name": name, "bytes": bytes.len(), "sha256": hash }));
        Ok(())
    }

    /// Adds a JSON file for each category.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn categories(&mut self, parts: &[BundlePart<'_>]) -> Result<(), InterchangeError> {
        let mut all: Vec<(Category, Map<String, Value>)> = Vec::new();
        for part in parts {
            let Some(category) = category(part) else { continue };
            let rows = part.rows.iter().map(|row| object(part, row)).collect::<Vec<_>>();
            match all.iter_mut().find(|(known, _)| *known == category) {
                Some((_, tables)) => {
                    tables.insert(part.table.to_owned(), rows.into());
                }
                None => all.push((category, Map::from_iter([(part.table.to_owned(), rows.into())]))),
            }
        }
        for (category, tables) in all {
            let text = serde_json::to_vec_pretty(&tables).map_err(unwritable)?;
            self.file(&format!("json/{}.json", word(category)), &text)?;
        }
        Ok(())
    }

    /// Adds a table as CSV; cells that a spreadsheet would run as formulas get an apostrophe.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn table(&mut self, part: &BundlePart<'_>) -> Result<(), InterchangeError> {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(part.columns.iter().map(|one| one.column)).map_err(unwritable)?;
        for row in part.rows {
            out.write_record(row.iter().map(cell)).map_err(unwritable)?;
        }
        let bytes = out.into_inner().map_err(|error| unwritable(error.to_string()))?;
        self.file(&format!("csv/{}.csv", part.table), &bytes)
    }

    /// Ends the copy with its manifest.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self, manifest: &Manifest, parts: &[BundlePart<'_>]) -> Result<(), InterchangeError> {
        let tables: Vec<_> = parts
            .iter()
            .map(|part| {
                json!({
                    "table": part.table,
                    "rows": part.rows.len(),
                    "source": category(part).map(source),
                    "columns": part.columns,
                })
            })
            .collect();
        let mut told = serde_json::to_value(manifest).map_err(unwritable)?;
        told["format"] = FORMAT.into();
        told["files"] = std::mem::take(&mut self.files).into();
        told["tables"] = tables.into();
        let text = serde_json::to_vec_pretty(&told).map_err(unwritable)?;
        self.put(MANIFEST, &text)?;
        self.zip.finish().map_err(unwritable)?.flush().map_err(unwritable)
    }
}

/// A copy that is read back.
pub struct BundleReader<R: Read + Seek> {
    zip: ZipArchive<R>,
    files: Vec<(String, String)>,
}

impl<R: Read + Seek> BundleReader<R> {
    /// Opens a copy by its manifest.
    ///
    /// # Errors
    /// When it is not what [`Bundle`] writes.
    pub fn open(from: R) -> Result<Self, InterchangeError> {
        let mut zip = ZipArchive::new(from).map_err(unwritable)?;
        let manifest: Value = serde_json::from_slice(&read(&mut zip, MANIFEST)?)
            .map_err(|error| unwritable(error.to_string()))?;
        if manifest["format"] != FORMAT {
            return Err(unwritable(format!("the manifest's format is not {FORMAT}")));
        }
        let pair =
            |file: &Value| Some((file["name"].as_str()?.to_owned(), file["sha256"].as_str()?.to_owned()));
        let files = manifest["files"].as_array().into_iter().flatten().filter_map(pair).collect();
        Ok(Self { zip, files })
    }

    /// A file, after its hash was held against the manifest.
    ///
    /// # Errors
    /// When it is not there or was changed.
    pub fn file(&mut self, name: &str) -> Result<Vec<u8>, InterchangeError> {
        let expected = self.files.iter().find(|(known, _)| known == name).map(|(_, hash)| hash.clone());
        let expected = expected.ok_or_else(|| unwritable(format!("the manifest names no {name}")))?;
        let bytes = read(&mut self.zip, name)?;
        if Digest(Sha256::digest(&bytes).into()).to_string() != expected {
            return Err(unwritable(format!("{name} was changed: its SHA-256 is not the manifest's")));
        }
        Ok(bytes)
    }

    /// The rows of a table under its category; none when the copy has none.
    ///
    /// # Errors
    /// When its file was changed or is no JSON.
    pub fn rows(&mut self, category: &str, table: &str) -> Result<Vec<Value>, InterchangeError> {
        let name = format!("json/{category}.json");
        if !self.files.iter().any(|(known, _)| *known == name) {
            return Ok(Vec::new());
        }
        let all: Value =
            serde_json::from_slice(&self.file(&name)?).map_err(|error| unwritable(error.to_string()))?;
        Ok(all[table].as_array().cloned().unwrap_or_default())
    }
}

fn read<R: Read + Seek>(zip: &mut ZipArchive<R>, name: &str) -> Result<Vec<u8>, InterchangeError> {
    let file = zip.by_name(name).map_err(|_| unwritable(format!("there is no {name} in it")))?;
    let mut bytes = Vec::new();
    let count = file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(InterchangeError::Unreadable)?;
    if count as u64 > LARGEST {
        return Err(unwritable(format!("{name} unpacks to more than {LARGEST} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use pm33_tenancy::data_map;

    use super::*;

    fn written() -> Result<Vec<u8>, InterchangeError> {
        let columns: Vec<_> = data_map::columns().filter(|one| one.table == "app_user").collect();
        let rows = vec![columns.iter().map(|one| json!(format!("={}", one.column))).collect::<Vec<_>>()];
        let part = BundlePart { table: "app_user", columns: &columns, rows: &rows };
        let mut out = Cursor::new(Vec::new());
        let mut bundle = Bundle::begin(&mut out);
        bundle.categories(&[part])?;
        bundle.table(&part)?;
        let manifest = Manifest {
            program: "1".to_owned(),
            made: Timestamp::from_micros(0),
            tenant: "t".to_owned(),
            subject: "s".to_owned(),
            standing: data_map::STANDING,
            elsewhere: data_map::elsewhere(),
        };
        bundle.finish(&manifest, &[part])?;
        Ok(out.into_inner())
    }

    #[test]
    fn what_is_written_is_read_and_formulas_are_harmless() -> Result<(), InterchangeError> {
        let bytes = written()?;
        let mut reader = BundleReader::open(Cursor::new(&bytes[..]))?;
        assert_eq!(reader.rows("identity", "app_user")?[0]["handle"], "=handle");
        assert!(reader.rows("content", "work_item")?.is_empty());
        let table = String::from_utf8(reader.file("csv/app_user.csv")?).map_err(unwritable)?;
        assert!(table.starts_with("tenant_id,") && table.contains("'=handle"), "{table}");
        Ok(())
    }

    #[test]
    fn a_changed_file_is_refused() -> Result<(), InterchangeError> {
        let bytes = written()?;
        let mut reader = BundleReader::open(Cursor::new(&bytes[..]))?;
        reader.files[0].1 = "0".repeat(64);
        let name = reader.files[0].0.clone();
        assert!(reader.file(&name).is_err_and(|error| error.to_string().len() > 1));
        assert!(reader.file("csv/other.csv").is_err());
        assert!(BundleReader::open(Cursor::new(b"no zip")).is_err());
        Ok(())
    }
}
