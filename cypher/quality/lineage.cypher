// Where a touchpoint came from
// Answers: the touchpoint's source, file, line, format and protocol; the mapping with its version, and the version of the
// source's contract, by which it was read; the load with its instant. What is null was not written down: touchpoints that
// were loaded by an earlier version of the product know their load only.
// Parameters:
//   $touchpoint_id  text: e.g. 't1'
:params {touchpoint_id: 't1'};
MATCH (t:Touchpoint|SetAside {touchpoint_id: $touchpoint_id})
OPTIONAL MATCH (f:File {batch_id: t.batch_id, number: t.file_number})
OPTIONAL MATCH (l:Load {batch_id: t.batch_id})
RETURN t.touchpoint_id AS touchpoint_id, t.step AS step, t.source AS source, toString(t.occurred_at) AS occurred_at,
       toString(t.ingested_at) AS loaded_at, t.batch_id AS batch_id, coalesce(f.name, head(l.files)) AS file,
       t.line AS line, f.sha256 AS sha256, f.format AS format, f.protocol AS protocol,
       coalesce(f.mapping, l.mapping) AS mapping, f.mapping_version AS mapping_version,
       f.contract_version AS contract_version
