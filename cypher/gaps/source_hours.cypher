// What each source sent, hour by hour
// Answers: for each source and hour (hours since 1970, UTC) how many touchpoints came, by which of the fields were filled: a
// number with one bit a field, the first field's the highest.
// Parameters:
//   $fields  list of text: fields of a touchpoint, e.g. ['campaign', 'p_platform']
//   $known_until  text or null: an ISO 8601 instant, only what the system knew then, e.g. null
:params {fields: ['campaign', 'p_platform'], known_until: null};
CALL () {
  RETURN EXISTS { (:Withheld) } AS consents  // touchpoints of whoever withdrew consent to analytics count nowhere
}
MATCH (t:Touchpoint)
WHERE ($known_until IS NULL OR t.ingested_at <= datetime($known_until))
  AND (NOT consents OR NOT EXISTS { (t)<-[:MADE]-(:Withheld) })
WITH t.source AS source, t.occurred_at_us / 3600000000 AS hour,
     reduce(filled = 0, f IN $fields | 2 * filled + CASE WHEN CASE f WHEN 'campaign' THEN EXISTS { (t)-[:CAME_FROM]->() }
                         WHEN 'product_id' THEN EXISTS { (t)-[:ABOUT]->() }
                         ELSE t[f] IS NOT NULL END THEN 1 ELSE 0 END) AS filled
RETURN source, hour, filled, count(*) AS count
ORDER BY source, hour, filled
