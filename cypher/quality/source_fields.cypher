// Which fields each source fills
// Answers: for each source and field how many of its touchpoints have a value there; fields that no touchpoint of the source
// has are not listed. Fields that every touchpoint must have, and what the product itself adds, are left out.
// Parameters:
//   $source   text or null: one source only, e.g. 'shop'
//   $without  list of text: properties that are left out, e.g. ['touchpoint_id', 'step']
:params {source: null, without: ['touchpoint_id', 'step']};
MATCH (t:Touchpoint)
WHERE $source IS NULL OR t.source = $source
WITH t.source AS source, [field IN keys(t) WHERE NOT field IN $without]
       + CASE WHEN EXISTS { (t)-[:ABOUT]->() } THEN ['product_id'] ELSE [] END
       + CASE WHEN EXISTS { (t)-[:CAME_FROM]->() } THEN ['campaign'] ELSE [] END
       + CASE WHEN EXISTS { (t)-[:BELONGS_TO]->() } THEN ['belongs_to'] ELSE [] END AS fields
UNWIND fields AS field
RETURN source, field, count(*) AS filled
ORDER BY source, filled DESC, field
