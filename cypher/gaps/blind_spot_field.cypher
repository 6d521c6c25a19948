// A span of time in which a source left a field empty
// Answers: how many of the source's touchpoints in the span have no value in the field, and how it was before the span.
// Parameters:
//   $source    text: the source, e.g. 'web_shop'
//   $field     text: the field of a touchpoint, e.g. 'p_device'
//   $since_us  integer: beginning of the span (microseconds since 1970), e.g. 0
//   $until_us  integer: its end, exclusive, e.g. 4102444800000000
//   $reference_since_us  integer: from when on the time before is counted, e.g. 0
//   $examples  integer: how many ids of touchpoints to return, e.g. 5
//   $known_until  text or null: an ISO 8601 instant, only what the system knew then, e.g. null
:params {source: 'web_shop', field: 'p_device', since_us: 0, until_us: 4102444800000000, reference_since_us: 0, examples: 5, known_until: null};
CALL () {
  RETURN EXISTS { (:Withheld) } AS consents  // touchpoints of whoever withdrew consent to analytics count nowhere
}
MATCH (t:Touchpoint)
WHERE t.source = $source AND t.occurred_at_us >= $reference_since_us AND t.occurred_at_us < $until_us AND ($known_until IS NULL OR t.ingested_at <= datetime($known_until))
  AND (NOT consents OR NOT EXISTS { (t)<-[:MADE]-(:Withheld) })
WITH t.occurred_at_us >= $since_us AS within, CASE $field WHEN 'campaign' THEN EXISTS { (t)-[:CAME_FROM]->() }
                         WHEN 'product_id' THEN EXISTS { (t)-[:ABOUT]->() }
                         ELSE t[$field] IS NOT NULL END AS filled
RETURN count(CASE WHEN within AND NOT filled THEN 1 END) AS affected, count(CASE WHEN within THEN 1 END) AS denominator,
       0 AS affected_customers, 0 AS denominator_customers,
       {before: count(CASE WHEN NOT within THEN 1 END),
        filled_before: count(CASE WHEN NOT within AND filled THEN 1 END)} AS counts, [][..$examples] AS examples
