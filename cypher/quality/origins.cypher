// Where the properties of touchpoints came from
// Answers: for each property, source and file how many touchpoints have it, on which lines the first and the last of them
// stand, and by which mapping, version of it, and version of the contract the file was read.
// Parameters:
//   $without  list of text: properties that the product itself adds, e.g. ['stage']
:params {without: ['stage']};
MATCH (t:Touchpoint|SetAside)
WITH keys(t) AS names, t.source AS source, t.batch_id AS batch_id, t.file_number AS number, count(*) AS touchpoints,
     min(t.line) AS first, max(t.line) AS last // few touchpoints differ in the names that they have
UNWIND [name IN names WHERE NOT name IN $without] AS property
WITH property, source, batch_id, number, sum(touchpoints) AS filled, min(first) AS first_line, max(last) AS last_line
OPTIONAL MATCH (f:File {batch_id: batch_id, number: number})
RETURN property, source, f.name AS file, f.format AS format, f.mapping AS mapping, f.mapping_version AS mapping_version,
       f.contract_version AS contract_version, batch_id, filled, first_line, last_line
ORDER BY property, source, filled DESC, file
