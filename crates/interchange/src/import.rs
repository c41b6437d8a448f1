//! An export on its way in: opened and looked through once, so that everything that concerns the whole file is known,
//! then read item by item without holding them.

use std::{
    collections::BTreeSet,
    io::{Cursor, Read, Seek},
};

use pm33_product::{ItemId, ItemType, NewItem};
use serde_json::Value;

use crate::{
    ImportOptions, ImportPlan, ImportedItem, InterchangeError, LossReport,
    dates::DateOrders,
    formula::rearm,
    item::{Draft, Evidence},
    layout::{self, Layout},
    mapped::{Ladder, Reading, cells_of_dates, read_mapped},
    report::Tally,
    row::{Customs, Row},
    source::{Record, Records, Source},
    survey::{NewEpic, Survey},
};

/// An opened export.
pub struct Import<'a> {
    source: Source<'a>,
    layout: Layout,
    options: ImportOptions,
    orders: DateOrders,
    survey: Survey,
}

/// Opens an export and goes through it once. Nothing of it is held but ids and links.
///
/// # Errors
/// When the file as a whole cannot be read, or is read only after a choice: its kind, size, encoding, columns, format,
/// the order of its dates.
pub fn open<'a>(
    input: impl Read + Seek + Send + 'a,
    options: &ImportOptions,
) -> Result<Import<'a>, InterchangeError> {
    let mut source = Source::open(Box::new(input), options.limits)?;
    let layout = layout::find(&source, options)?;
    let mut orders = DateOrders::new(options.date_order);
    if let Layout::Mapped { mapping, .. } = &layout {
        let columns = mapping.fields.dates();
        for record in source.records(Some(&columns))? {
            let record = record?;
            for (column, text) in cells_of_dates(&record, &columns) {
                orders.note(column, record.number, &text);
            }
        }
        orders.check()?;
    }
    let mut reader = Reader::new(&layout, options, &orders);
    let mut survey = Survey::new(&layout, reader.source());
    for record in source.records(None)? {
        let record = record?;
        let mut row = reader.row(record);
        match reader.read(&mut row) {
            Some(draft) if !row.is_skipped() => survey.enter(&draft),
            _ => survey.enter_none(),
        }
    }
    survey.settle();
    Ok(Import { source, layout, options: options.clone(), orders, survey })
}

/// Reads a whole export into memory, for files that are small.
///
/// # Errors
/// As [`open`].
pub fn plan(bytes: &[u8], options: &ImportOptions) -> Result<ImportPlan, InterchangeError> {
    let mut import = open(Cursor::new(bytes), options)?;
    let mut items = import.items()?;
    let all = items.by_ref().collect::<Result<Vec<_>, _>>()?;
    Ok(ImportPlan { items: all, report: items.into_report() })
}

impl Import<'_> {
    /// What becomes of each column, in words, before anything is read.
    pub fn columns(&self) -> Vec<(String, String)> {
        self.source
            .columns()
            .into_iter()
            .map(|column| (column.clone(), self.layout.becomes(&column)))
            .collect()
    }

    /// The format that was found or given.
    pub fn format(&self) -> crate::Format {
        self.layout.format()
    }

    /// The fields that the file has columns for; on re-import the others stay as they are.
    pub fn fields(&self) -> BTreeSet<&'static str> {
        self.layout.fields(&self.source.columns())
    }

    /// How many records the file has.
    pub fn records(&self) -> usize {
        self.survey.records()
    }

    /// How many items it gives, but for records that repeat others.
    pub fn length(&self) -> usize {
        self.survey.items()
    }

    /// Goes through the items. It can be done again.
    ///
    /// # Errors
    /// When the file can be read no longer.
    pub fn items(&mut self) -> Result<Items<'_>, InterchangeError> {
        let columns = self.source.columns();
        let notes = self.orders.notes(self.options.offset);
        Ok(Items {
            records: self.source.records(None)?,
            reader: Reader::new(&self.layout, &self.options, &self.orders),
            survey: &self.survey,
            tally: Tally::new(&self.layout, &columns, notes, self.options.limits),
            waiting: None,
            ended: false,
        })
    }
}

/// One way through the items of an export, in the order of the file; each external id occurs once. An epic that no
/// record describes comes before the first item that names it.
pub struct Items<'i> {
    records: Records<'i>,
    reader: Reader<'i>,
    survey: &'i Survey,
    tally: Tally,
    waiting: Option<ImportedItem>,
    ended: bool,
}

impl Items<'_> {
    /// What became of every record and column so far.
    pub fn report(&self) -> &LossReport {
        self.tally.report()
    }

    /// The same, at the end.
    pub fn into_report(self) -> LossReport {
        self.tally.finish()
    }

    /// One record; the item, unless it gives none.
    fn one(&mut self, record: Record) -> Result<Option<ImportedItem>, InterchangeError> {
        let number = record.number;
        let mut row = self.reader.row(record);
        let mut draft = self.reader.read(&mut row);
        if let Some(draft) = &mut draft {
            self.survey.apply(number, draft, &mut row);
            draft.imported.item.custom.append(&mut row.custom);
        }
        let made = draft.filter(|_| !row.is_skipped());
        self.tally.enter(row)?;
        let Some(draft) = made else { return Ok(None) };
        let epic = draft.epic.as_ref().and_then(|epic| self.survey.epic_first_named_by(&epic.id, number));
        Ok(Some(match epic {
            None => draft.imported,
            Some(epic) => {
                self.tally.enter_epic();
                self.waiting = Some(draft.imported);
                self.reader.epic(epic, number)
            }
        }))
    }
}

impl Iterator for Items<'_> {
    type Item = Result<ImportedItem, InterchangeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(waiting) = self.waiting.take() {
            return Some(Ok(waiting));
        }
        while !self.ended {
            let read = match self.records.next() {
                None => break,
                Some(Err(error)) => Err(error),
                Some(Ok(record)) => self.one(record),
            };
            match read {
                Ok(None) => {}
                Ok(Some(item)) => return Some(Ok(item)),
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        self.ended = true;
        None
    }
}

/// What records are read by, with what earlier ones left behind.
struct Reader<'l> {
    layout: &'l Layout,
    options: &'l ImportOptions,
    orders: &'l DateOrders,
    ladder: Ladder,
}

impl<'l> Reader<'l> {
    fn new(layout: &'l Layout, options: &'l ImportOptions, orders: &'l DateOrders) -> Self {
        Self { layout, options, orders, ladder: Ladder::default() }
    }

    fn source(&self) -> &'l str {
        self.options.source.as_deref().unwrap_or(self.layout.source())
    }

    fn row(&self, mut record: Record) -> Row {
        let customs = match self.layout {
            Layout::Github => Customs::default(),
            Layout::Mapped { mapping, .. } => {
                if mapping.disarmed_formulas {
                    rearm_all(&mut record);
                }
                mapping.customs()
            }
        };
        Row::new(record, customs)
    }

    fn read(&mut self, row: &mut Row) -> Option<Draft> {
        if row.is_skipped() {
            return None;
        }
        let source = self.source();
        match self.layout {
            Layout::Github => crate::github::read_issue(row, source, self.options),
            Layout::Mapped { mapping, .. } => {
                let by = Reading { mapping, options: self.options, orders: self.orders, source };
                read_mapped(row, &by, &mut self.ladder)
            }
        }
    }

    /// The item of an epic that is known by its name.
    fn epic(&self, epic: &NewEpic, record: usize) -> ImportedItem {
        let mut item = NewItem::titled(ItemId::new(self.options.now), ItemType::Epic, epic.name.clone());
        item.status = epic.status();
        item.external =
            Some(pm33_product::External { source: self.source().to_owned(), id: epic.id.clone() });
        ImportedItem { evidence: Evidence::Name, ..Draft::alone(item, record, 0).imported }
    }
}

/// Takes away what made formulas harmless.
fn rearm_all(record: &mut Record) {
    let cells = record.fields.as_mut().map(|fields| fields.0.as_mut_slice()).unwrap_or_default();
    for (_, value) in cells {
        if let Value::String(text) = value {
            *text = rearm(text).to_owned();
        }
    }
}
