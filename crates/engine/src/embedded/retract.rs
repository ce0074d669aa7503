//! Takes back what was read of the tail of a file: rows by place, so that the rest is not scanned.

use model::capture::Capture;
use model::document::DocumentId;
use model::record::Origin;
use rusqlite::types::FromSql;
use rusqlite::{Connection, ToSql, params};

use super::changes::{ROW_BYTES, Touched, leave, name_hash, waiting_for};
use super::packing::{address_hash, json, read};
use super::parts::{origin_of, take_back};
use super::store::Rows;
use crate::EngineError;
use crate::revisit::{lookups, names};
use crate::tail::{Tail, file_of};

/// What a row of `place` names.
#[derive(Clone, Copy)]
pub(super) enum What {
    /// By document.
    Contribution = 0,
    /// By id.
    Capture = 1,
    /// By the address that was asked.
    Redirect = 2,
    /// By origin; the journal has no collections.
    Outcome = 3,
    /// By number of the record.
    Part = 4,
}

/// Notes where a row came from; a row of a whole file is never taken back.
pub(super) fn place(
    connection: &Connection,
    what: What,
    origin: &Origin,
    collection: &str,
    key: &dyn ToSql,
) -> Result<(), EngineError> {
    let Some((offset, _)) = origin.extent() else {
        return Ok(());
    };
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO place (file, what, at, row_key) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            file_hash(&file_of(origin), collection),
            what as i64,
            at(offset),
            key
        ])?;
    Ok(())
}

fn file_hash(file: &str, collection: &str) -> [u8; 16] {
    address_hash(&format!("{file}\0{collection}"))
}

fn at(offset: u64) -> i64 {
    i64::try_from(offset).unwrap_or(i64::MAX)
}

/// Notes where a capture came from.
pub(super) fn place_capture(connection: &Connection, said: &Capture) -> Result<(), EngineError> {
    for origin in &said.origins {
        place(
            connection,
            What::Capture,
            origin,
            &said.collection,
            &said.id.0,
        )?;
    }
    Ok(())
}

/// See [`crate::Change::Retract`]. Returns the size of what was taken back, roughly.
pub(super) fn retract(
    connection: &Connection,
    touched: &mut Touched,
    path: &str,
    collection: &str,
    from: u64,
) -> Result<u64, EngineError> {
    let mut retraction = Retraction {
        connection,
        touched,
        tail: Tail::new(path, from),
        collection,
        rows: 0,
    };
    for document in retraction.placed(What::Contribution)? {
        retraction.contributions(DocumentId(document))?;
    }
    for capture in retraction.placed(What::Capture)? {
        retraction.capture(capture)?;
    }
    for asked in retraction.placed::<String>(What::Redirect)? {
        retraction.redirects(&asked)?;
    }
    for record in retraction.placed(What::Part)? {
        retraction.parts(record)?;
    }
    for origin in retraction.placed::<String>(What::Outcome)? {
        retraction.outcome(&origin)?;
    }
    Ok(retraction.rows * ROW_BYTES)
}

struct Retraction<'a> {
    connection: &'a Connection,
    touched: &'a mut Touched,
    tail: Tail,
    collection: &'a str,
    rows: u64,
}

impl Retraction<'_> {
    /// Keys of the rows that came from there; afterwards nothing is noted there.
    fn placed<K: FromSql>(&self, what: What) -> Result<Vec<K>, EngineError> {
        let collection = match what {
            What::Outcome => "",
            _ => self.collection,
        };
        let place = params![
            file_hash(&self.tail.file, collection),
            what as i64,
            at(self.tail.from)
        ];
        let keys = self
            .connection
            .prepare_cached(
                "SELECT DISTINCT row_key FROM place WHERE file = ?1 AND what = ?2 AND at >= ?3",
            )?
            .query_map(place, |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        self.connection
            .prepare_cached("DELETE FROM place WHERE file = ?1 AND what = ?2 AND at >= ?3")?
            .execute(place)?;
        Ok(keys)
    }

    fn contributions(&mut self, id: DocumentId) -> Result<(), EngineError> {
        let said: Vec<(String, i64)> = self
            .connection
            .prepare_cached(
                "SELECT origin, body FROM contribution WHERE document = ?1 AND collection = ?2",
            )?
            .query_map(params![id.0, self.collection], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        for (origin, body) in said {
            if !self.tail.holds(&read("contribution", &origin)?) {
                continue;
            }
            self.connection
                .prepare_cached(
                    "DELETE FROM contribution \
                     WHERE document = ?1 AND collection = ?2 AND origin = ?3",
                )?
                .execute(params![id.0, self.collection, origin])?;
            leave(self.connection, &mut self.touched.left, body)?;
            self.touched.documents.insert(id);
            self.rows += 1;
        }
        Ok(())
    }

    fn parts(&mut self, record: i64) -> Result<(), EngineError> {
        let origin = origin_of(self.connection, record)?;
        if origin.is_some_and(|origin| self.tail.holds(&origin)) {
            self.rows += take_back(self.connection, self.touched, record)?;
        }
        Ok(())
    }

    fn capture(&mut self, id: [u8; 16]) -> Result<(), EngineError> {
        let Some(said) = Rows(self.connection).said(id)? else {
            return Ok(());
        };
        let mut left = said.clone();
        left.origins.retain(|origin| !self.tail.holds(origin));
        if left.origins.len() == said.origins.len() {
            return Ok(());
        }
        self.rows += 1;
        self.touched.captures.insert(said.id);
        if !left.origins.is_empty() {
            self.connection
                .prepare_cached("UPDATE capture SET said = ?2 WHERE id = ?1")?
                .execute(params![id, json("capture", &left)?])?;
            return Ok(());
        }
        for name in names(&said).iter().chain(&lookups(&said)) {
            // Revisits that found this one look again.
            let waiting = waiting_for(self.connection, name)?;
            self.touched.captures.extend(waiting);
            let name = name_hash(name);
            self.connection
                .prepare_cached("DELETE FROM original WHERE name = ?1 AND capture = ?2")?
                .execute(params![name, id])?;
        }
        self.connection
            .prepare_cached("DELETE FROM capture WHERE id = ?1")?
            .execute([id])?;
        self.touched.addresses.insert(address_hash(&said.surt.0));
        Ok(())
    }

    fn redirects(&mut self, asked: &str) -> Result<(), EngineError> {
        let said: Vec<(String, i64, String)> = self
            .connection
            .prepare_cached(
                "SELECT to_address, seen, origin FROM redirect \
                 WHERE from_address = ?1 AND collection = ?2",
            )?
            .query_map([asked, self.collection], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        for (to, seen, origin) in said {
            if !self.tail.holds(&read("redirect", &origin)?) {
                continue;
            }
            self.connection
                .prepare_cached(
                    "DELETE FROM redirect WHERE from_address = ?1 AND to_address = ?2 \
                     AND seen = ?3 AND collection = ?4 AND origin = ?5",
                )?
                .execute(params![asked, to, seen, self.collection, origin])?;
            self.touched.redirected.insert(to);
            self.rows += 1;
        }
        Ok(())
    }

    fn outcome(&mut self, origin: &str) -> Result<(), EngineError> {
        if self.tail.holds(&read("journal", origin)?) {
            self.rows += self
                .connection
                .prepare_cached("DELETE FROM journal WHERE origin = ?1")?
                .execute([origin])? as u64;
        }
        Ok(())
    }
}
