// A span of time in which a source sent little or nothing
// Answers: the hours of the span, of those from the source's first touchpoint to the end of the data; how many touchpoints came,
// and how many in the same hours of other weeks. No customer is counted: who was not recorded is not known.
// Parameters:
//   $source    text: the source, e.g. 'web_shop'
//   $since_us  integer: beginning of the span (microseconds since 1970, a full hour), e.g. 0
//   $until_us  integer: its end, exclusive, e.g. 3600000000
//   $end_us    integer: end of the data, e.g. 4102444800000000
//   $weeks     list of integer: other weeks to compare with, counted from the span's, e.g. [-2, -1, 1, 2]
//   $examples  integer: not used here, e.g. 5
//   $known_until  text or null: an ISO 8601 instant, only what the system knew then, e.g. null
:params {source: 'web_shop', since_us: 0, until_us: 3600000000, end_us: 4102444800000000, weeks: [-2, -1, 1, 2], examples: 5, known_until: null};
CALL () {
  RETURN EXISTS { (:Withheld) } AS consents  // touchpoints of whoever withdrew consent to analytics count nowhere
}
MATCH (t:Touchpoint)
WHERE t.source = $source AND ($known_until IS NULL OR t.ingested_at <= datetime($known_until))
  AND (NOT consents OR NOT EXISTS { (t)<-[:MADE]-(:Withheld) })
WITH t.occurred_at_us AS at
WITH min(at) / 3600000000 AS first, count(CASE WHEN at >= $since_us AND at < $until_us THEN 1 END) AS touchpoints,
     sum(size([week IN $weeks WHERE at >= $since_us + week * 604800000000 AND at < $until_us + week * 604800000000])) AS usual
RETURN ($until_us - $since_us) / 3600000000 AS affected, $end_us / 3600000000 - first AS denominator,
       0 AS affected_customers, 0 AS denominator_customers,
       {touchpoints: touchpoints, in_other_weeks: usual, other_weeks: size($weeks)} AS counts, [][..$examples] AS examples
