//! What follows from changes before a commit: documents merged, revisits resolved, links and names
//! counted; and which entries have to be derived again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::address::Host;
use model::capture::{Capture, CaptureId};
use model::contribution::merge;
use model::document::{Document, DocumentId, Key};
use rusqlite::{Connection, params};
use xxhash_rust::xxh3::xxh3_128;

use super::changes::{Touched, body, leave, name_hash, sweep};
use super::derive::anchors_hash;
use super::packing::{Packed, address_hash, json, read};
use super::parts;
use super::store::{ContributionRow, DocumentRow, Rows, from_sql};
use crate::EngineError;
use crate::entry::{History, surt_of};
use crate::naive::{links_of, vote_of};
use crate::revisit::{names, resolve};

/// Brings everything up to date within the open transaction; returns the documents whose entries
/// may have changed.
pub(super) fn settle(
    connection: &Connection,
    touched: &Touched,
    compress: bool,
) -> Result<BTreeSet<DocumentId>, EngineError> {
    let mut settling = Settling {
        connection,
        rows: Rows(connection),
        addresses: touched.addresses.clone(),
        captures: touched.captures.clone(),
        dirty: BTreeSet::new(),
        links: HashMap::new(),
        votes: BTreeMap::new(),
        left: touched.left.clone(),
        compress,
    };
    for id in &touched.documents {
        settling.merge(*id)?;
    }
    settling.resolve_captures()?;
    for address in std::mem::take(&mut settling.addresses) {
        settling.address(address)?;
    }
    settling.count_votes()?;
    let mut changed = settling.count_links()?;
    changed.extend(touched.redirected.iter().cloned());
    settling.check_anchors(changed)?;
    sweep(connection, &settling.left)?;
    Ok(settling.dirty)
}

struct Settling<'a> {
    connection: &'a Connection,
    rows: Rows<'a>,
    /// Addresses that a document or capture has come to or gone from.
    addresses: BTreeSet<[u8; 16]>,
    captures: BTreeSet<CaptureId>,
    dirty: BTreeSet<DocumentId>,
    /// By a hash of target, text and site: they are counted in memory first, as the links of a
    /// menu stand on every page.
    links: HashMap<u128, LinkCount>,
    votes: BTreeMap<(String, String), (String, i64)>,
    /// Bodies that are said or shown no longer.
    left: BTreeSet<i64>,
    compress: bool,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct LinkCount {
    target: String,
    text: String,
    site: String,
    change: i64,
}

impl Settling<'_> {
    /// Merges the contributions to a document.
    fn merge(&mut self, id: DocumentId) -> Result<(), EngineError> {
        let contributions = self.rows.contributions(id)?;
        let Some(first) = contributions.first() else {
            return self.merge_several(id, contributions);
        };
        if matches!(first.key, Key::Thread { .. } | Key::Video { .. }) {
            return self.merge_several(id, contributions);
        }
        let address = surt_of(&first.key).map(|surt| address_hash(&surt.0));
        let known = self.rows.document_row(id)?;
        if known.is_none() {
            // Captures that waited for this document, by its content or by its name.
            if let (Some(address), Key::State { digest, .. }) = (address, &first.key) {
                let waiting = self.rows.showing(address, *digest)?;
                self.captures.extend(waiting);
            }
            let named = self.rows.captures_of(id)?;
            self.captures.extend(named.iter().map(|capture| capture.id));
        }
        let outline = self.rows.outline(first.body)?;
        self.connection
            .prepare_cached(
                "INSERT INTO document (id, kind, key, address, body, captured) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                 ON CONFLICT (id) DO UPDATE \
                 SET kind = excluded.kind, body = excluded.body, captured = excluded.captured",
            )?
            .execute(params![
                id.0,
                outline.kind.kind().as_str(),
                json("document", &first.key)?,
                address,
                first.body,
                first.captured.0
            ])?;
        self.dirty.insert(id);
        match address {
            Some(address) => {
                self.addresses.insert(address);
            }
            None => {
                if let Some(row) = self.rows.document_row(id)? {
                    self.count(&row, true)?;
                }
            }
        }
        Ok(())
    }

    /// Merges what is said of a thing that several records describe: the document has a body of its
    /// own, in `body` like what records said, with one use.
    fn merge_several(
        &mut self,
        id: DocumentId,
        contributions: Vec<ContributionRow>,
    ) -> Result<(), EngineError> {
        let known = self.rows.document_row(id)?;
        let parts = self.rows.parts(id)?;
        let captured = contributions
            .iter()
            .map(|row| row.captured)
            .chain(parts.iter().map(|part| part.captured));
        let Some(captured) = captured.min() else {
            parts::end(self.connection, id)?;
            return self.end(id);
        };
        let mut said = parts;
        for row in contributions {
            said.push(self.rows.contribution(row)?);
        }
        let Some(merged) = merge(&said) else {
            return self.end(id);
        };
        let (packed, _) = Packed::new(&merged, self.compress)?;
        let body = body(self.connection, &packed)?;
        if let Some(known) = &known {
            leave(self.connection, &mut self.left, known.body)?;
        } else {
            let named = self.rows.captures_of(id)?;
            self.captures.extend(named.iter().map(|capture| capture.id));
        }
        self.connection
            .prepare_cached(
                "INSERT INTO document (id, kind, key, address, body, captured) \
                 VALUES (?1, ?2, ?3, NULL, ?4, ?5) \
                 ON CONFLICT (id) DO UPDATE \
                 SET kind = excluded.kind, body = excluded.body, captured = excluded.captured",
            )?
            .execute(params![
                id.0,
                merged.kind.kind().as_str(),
                json("document", &merged.key)?,
                body,
                captured.0
            ])?;
        self.dirty.insert(id);
        if let Some(row) = self.rows.document_row(id)? {
            self.count(&row, true)?;
        }
        Ok(())
    }

    /// A document ends with its last contribution.
    fn end(&mut self, id: DocumentId) -> Result<(), EngineError> {
        let Some(row) = self.rows.document_row(id)? else {
            return Ok(());
        };
        self.count(&row, false)?;
        let key = self.rows.outline(row.body)?.key;
        if matches!(key, Key::Thread { .. } | Key::Video { .. }) {
            leave(self.connection, &mut self.left, row.body)?;
        }
        self.addresses
            .extend(surt_of(&key).map(|surt| address_hash(&surt.0)));
        let captures = self.rows.captures_of(id)?.into_iter();
        self.captures.extend(captures.map(|capture| capture.id));
        self.connection
            .prepare_cached("DELETE FROM document WHERE id = ?1")?
            .execute([id.0])?;
        self.dirty.insert(id);
        Ok(())
    }

    /// Finds digests and documents of new captures, and of revisits that wait for them.
    fn resolve_captures(&mut self) -> Result<(), EngineError> {
        let mut pending: BTreeMap<CaptureId, Capture> = BTreeMap::new();
        for id in std::mem::take(&mut self.captures) {
            let Some(said) = self.rows.said(id.0)? else {
                continue;
            };
            for name in names(&said) {
                for waiting in self.named(name_hash(&name), true)? {
                    pending.insert(waiting.id, waiting);
                }
            }
            pending.insert(id, said);
        }
        for said in pending.values() {
            let resolved = resolve(
                said,
                |name| Ok::<_, EngineError>(self.named(name_hash(name), false)?.into_iter().next()),
                |id| self.rows.is_known(id),
            )?;
            let document = resolved.document.map(|id| id.0);
            self.connection
                .prepare_cached(
                    "UPDATE capture SET digest = ?2, document = ?3 WHERE id = ?1 \
                     AND (digest, document) IS NOT (?2, ?3)",
                )?
                .execute(params![
                    said.id.0,
                    resolved.digest.map(|digest| digest.0),
                    document
                ])?;
            self.addresses.insert(address_hash(&said.surt.0));
        }
        Ok(())
    }

    /// Captures under a name, as they came, earliest first.
    fn named(&self, name: [u8; 16], is_waiting: bool) -> Result<Vec<Capture>, EngineError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT said FROM original, capture WHERE name = ?1 AND waiting = ?2 \
             AND capture.id = original.capture ORDER BY original.captured, original.capture \
             LIMIT ?3",
        )?;
        // One original is enough.
        let limit = if is_waiting { -1 } else { 1 };
        let mut rows = statement.query(params![name, is_waiting, limit])?;
        let mut captures = Vec::new();
        while let Some(row) = rows.next()? {
            captures.push(read(
                "capture",
                row.get_ref(0)?.as_str().map_err(from_sql)?,
            )?);
        }
        Ok(captures)
    }

    /// The states of an address of which captures say something else are derived again; links and
    /// the name of its site count from its newest state.
    fn address(&mut self, address: [u8; 16]) -> Result<(), EngineError> {
        let history = History::of(&self.rows.captures_at(address)?);
        for row in self.rows.documents_at(address)? {
            if row.noted().1 != Some(history.hash(row.id).as_slice()) {
                self.dirty.insert(row.id);
            }
            self.count(&row, history.is_newest(row.id))?;
        }
        Ok(())
    }

    /// Counts what a document says of others, and takes back what it said before.
    fn count(&mut self, row: &DocumentRow, counts: bool) -> Result<(), EngineError> {
        let now = counts.then_some(row.body);
        if row.counted == now {
            return Ok(());
        }
        for (body, change) in [(row.counted, -1), (now, 1)] {
            let Some(body) = body else { continue };
            let document = Document {
                links: self.rows.links(body)?,
                ..self.rows.outline(body)?
            };
            for (target, text, site) in links_of(&document) {
                let key = xxh3_128(format!("{target}\0{text}\0{site}").as_bytes());
                let count = self.links.entry(key).or_insert_with(|| LinkCount {
                    target: target.0,
                    text,
                    site,
                    change: 0,
                });
                count.change += change;
            }
            if let Some((host, name)) = vote_of(&document) {
                let site = host.site().to_owned();
                self.votes.entry((host.0, name)).or_insert((site, 0)).1 += change;
            }
        }
        self.connection
            .prepare_cached("UPDATE document SET counted = ?2 WHERE id = ?1")?
            .execute(params![row.id.0, now])?;
        Ok(())
    }

    fn count_votes(&mut self) -> Result<(), EngineError> {
        for ((host, name), (site, change)) in std::mem::take(&mut self.votes) {
            self.connection
                .prepare_cached(
                    "INSERT INTO vote (host, name, site, n) VALUES (?1, ?2, ?3, ?4) \
                     ON CONFLICT (host, name) DO UPDATE SET n = n + excluded.n",
                )?
                .execute(params![host, name, site, change])?;
            self.connection
                .prepare_cached("DELETE FROM vote WHERE host = ?1 AND name = ?2 AND n <= 0")?
                .execute(params![host, name])?;
        }
        Ok(())
    }

    /// Writes the counts; returns the targets that a text or site has come to or gone from.
    fn count_links(&mut self) -> Result<BTreeSet<String>, EngineError> {
        let mut counts: Vec<LinkCount> = std::mem::take(&mut self.links).into_values().collect();
        counts.retain(|count| count.change != 0);
        counts.sort_unstable();
        let mut changed = BTreeSet::new();
        let mut add = self.connection.prepare_cached(
            "INSERT INTO anchor (target, text, site, n) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (target, text, site) DO UPDATE SET n = n + excluded.n RETURNING n",
        )?;
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM anchor WHERE target = ?1 AND text = ?2 AND site = ?3")?;
        for count in counts {
            let target = address_hash(&count.target);
            let row = params![target, count.text, count.site, count.change];
            let n: i64 = add.query_row(row, |row| row.get(0))?;
            if n <= 0 {
                delete.execute(params![target, count.text, count.site])?;
            }
            if n <= 0 || n == count.change {
                changed.insert(count.target);
            }
        }
        Ok(changed)
    }

    /// Marks the documents that addresses lead to, if what links say of them is not what it was.
    fn check_anchors(&mut self, targets: BTreeSet<String>) -> Result<(), EngineError> {
        // All at once: thousands of addresses may lead to one page, which has thousands to read.
        for address in self.rows.redirected(targets, false)? {
            // The states of an address differ in their site at the most.
            let mut known: Option<(String, [u8; 8])> = None;
            for row in self.rows.documents_at(address_hash(&address))? {
                if self.dirty.contains(&row.id) {
                    continue;
                }
                let outline = self.rows.outline(row.body)?;
                let Some(surt) = surt_of(&outline.key) else {
                    continue;
                };
                let host = Host::of(&outline.url);
                let hash = match &known {
                    Some((site, hash)) if site == host.site() => *hash,
                    _ => anchors_hash(&self.rows.anchors(surt, host.site())?),
                };
                known = Some((host.site().to_owned(), hash));
                if row.noted().0 != Some(hash.as_slice()) {
                    self.dirty.insert(row.id);
                }
            }
        }
        Ok(())
    }
}
