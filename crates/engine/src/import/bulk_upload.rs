//! CSV in the columns of Google's bulk upload of users (Admin console, *Bulk update users*; help answer 40057).
//!
//! A line is about the person with its address. A cell that is empty leaves what is there as it is; of the values of a
//! list (phones, addresses, …) a cell names one and the others stay. Separated by commas or semicolons, told by the
//! first line. Passwords are discarded, and so is what Google's download alone fills in.

mod column;

use std::io::Read;
use std::mem;

use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord, Terminator};
use serde_json::{Map, Value as Json};

use super::cell::Cell;
use super::entry::{ENTRIES_PER_BATCH, Entry, Piece};
use super::error::ImportError;
use super::outlet::{ENTRY_MAX_BYTES, Outlet};

use column::Column;

/// Behind the last line of every table. No text in UTF-8 has these bytes.
const END: &[u8] = b"\xffend of table\xff";

/// Sends the lines of a table. False: nobody listens any more.
pub(super) fn parse(mut reader: impl Read, outlet: &Outlet) -> Result<bool, ImportError> {
    outlet.meter().start_entry();
    let header = header(&mut reader, outlet)?;
    let delimiter = delimiter(&header);
    // A line ends at its line feed: what a carriage return leaves is trimmed with the cells, and lines can be counted.
    // The last one may lack its end, so it gets one more; what stands behind that shows whether a quote swallowed it.
    let table = header.as_slice().chain(reader).chain(b"\n".as_slice()).chain(END).chain(b"\n".as_slice());
    let mut rows = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .terminator(Terminator::Any(b'\n'))
        .from_reader(table);
    let Some((_, row)) = read(&mut rows, outlet)? else {
        return Err(malformed(outlet, 1, "the table has no first line; it should name the columns"));
    };
    let columns = columns(&row, outlet)?;

    let mut entries = Vec::new();
    while let Some((line, row)) = read(&mut rows, outlet)? {
        let entry = entry(line, &columns, &row).map_err(|problem| malformed(outlet, line, &problem))?;
        entries.push(entry);
        if entries.len() == ENTRIES_PER_BATCH && !outlet.send(Piece::Users(mem::take(&mut entries))) {
            return Ok(false);
        }
    }
    Ok(outlet.send(Piece::Users(entries)))
}

/// The bytes of the first line, its end included.
fn header(reader: &mut impl Read, outlet: &Outlet) -> Result<Vec<u8>, ImportError> {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\n") {
        match reader.read(&mut byte) {
            Ok(0) => break,
            Ok(_) => line.extend(byte),
            Err(error) => return Err(unreadable(error, outlet)),
        }
    }
    Ok(line)
}

/// Whichever there is more of, outside of quotes.
fn delimiter(header: &[u8]) -> u8 {
    let (mut commas, mut semicolons, mut is_quoted) = (0, 0, false);
    for byte in header {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => commas += 1,
            b';' if !is_quoted => semicolons += 1,
            _ => {}
        }
    }
    if semicolons > commas { b';' } else { b',' }
}

/// The next line that is not empty, and where it starts.
fn read(rows: &mut Reader<impl Read>, outlet: &Outlet) -> Result<Option<(u64, StringRecord)>, ImportError> {
    loop {
        let mut row = ByteRecord::new();
        if !rows.read_byte_record(&mut row).map_err(|error| unreadable(error.into(), outlet))? {
            return Ok(None);
        }
        // Behind the line is the start of the next; a quoted cell may go over several.
        let line_breaks = row.as_slice().split(|byte| *byte == b'\n').count() - 1;
        let next_line = rows.position().line();
        let line = next_line.saturating_sub(1 + u64::try_from(line_breaks).unwrap_or(0)).max(1);
        outlet.meter().start_entry_at(next_line);
        let last = row.iter().next_back().unwrap_or_default();
        if last == END && row.len() == 1 && line_breaks == 0 {
            return Ok(None);
        }
        if last.strip_suffix(b"\n").is_some_and(|text| text.ends_with(END)) {
            // The line break that ends other lines is in the cell as well.
            return Err(malformed(outlet, line + 1, "a quote is opened here and never closed"));
        }
        if row.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        let row = StringRecord::from_byte_record(row)
            .map_err(|_| ImportError::NotUtf8 { path: outlet.path(), line })?;
        return Ok(Some((line, row)));
    }
}

fn unreadable(source: std::io::Error, outlet: &Outlet) -> ImportError {
    let path = outlet.path();
    match outlet.meter().overrun() {
        Some(line) => ImportError::TooLarge { path, line, max_bytes: ENTRY_MAX_BYTES },
        None => ImportError::Unreadable { path, source },
    }
}

fn malformed(outlet: &Outlet, line: u64, problem: &str) -> ImportError {
    ImportError::Malformed { path: outlet.path(), place: format!("line {line}"), problem: problem.to_owned() }
}

fn columns(header: &StringRecord, outlet: &Outlet) -> Result<Vec<Column>, ImportError> {
    let mut columns = Vec::with_capacity(header.len());
    for name in header {
        let Some(column) = Column::of(name) else {
            let problem = format!(
                "there is no column called {name:?} in Google's bulk upload; correct it, or remove the column"
            );
            return Err(malformed(outlet, 1, &problem));
        };
        if column != Column::Ignored && columns.contains(&column) {
            return Err(malformed(outlet, 1, &format!("there are two columns called {name:?}; remove one")));
        }
        columns.push(column);
    }
    if !columns.contains(&Column::Email) {
        return Err(malformed(outlet, 1, "the column \"Email Address [Required]\" is missing"));
    }
    Ok(columns)
}

/// What a line says, as a change in the Directory API's form.
fn entry(line: u64, columns: &[Column], row: &StringRecord) -> Result<Entry, String> {
    if row.len() != columns.len() {
        let (n, expected) = (row.len(), columns.len());
        return Err(format!("the line has {n} cells, and the first line has {expected}"));
    }
    let mut entry = Entry { line, ..Entry::default() };
    for (column, cell) in columns.iter().zip(row) {
        let cell = cell.trim();
        if !cell.is_empty() {
            put(&mut entry, column, cell)?;
        }
    }
    if entry.address.is_none() {
        return Err("the line has no \"Email Address\", so nobody knows whom it is about".to_owned());
    }
    Ok(entry)
}

fn put(entry: &mut Entry, column: &Column, cell: &str) -> Result<(), String> {
    match column {
        Column::Ignored => {}
        Column::Email => entry.address = Some(cell.to_owned()),
        Column::Text(key) => {
            entry.change.insert((*key).to_owned(), cell.into());
        }
        Column::Name(key) => {
            let name = entry.change.entry("name").or_insert_with(|| Map::new().into());
            if let Json::Object(name) = name {
                name.insert((*key).to_owned(), cell.into());
            }
        }
        Column::ChangePassword => {
            let truth = match cell.to_lowercase().as_str() {
                "true" => true,
                "false" => false,
                _ => {
                    return Err(format!(
                        "{cell:?} under \"Change Password at Next Sign-In\" is neither True nor False"
                    ));
                }
            };
            entry.change.insert("changePasswordAtNextLogin".to_owned(), truth.into());
        }
        Column::Status => {
            let (suspended, archived) = match cell.to_lowercase().as_str() {
                "active" => (false, false),
                "suspended" => (true, false),
                "archived" => (false, true),
                _ => {
                    return Err(format!(
                        "{cell:?} under \"New Status\" is none of Active, Suspended and Archived"
                    ));
                }
            };
            entry.change.insert("suspended".to_owned(), suspended.into());
            entry.change.insert("archived".to_owned(), archived.into());
        }
        Column::Value(place) => entry.cells.push(Cell { place: *place, value: cell.to_owned() }),
    }
    Ok(())
}
