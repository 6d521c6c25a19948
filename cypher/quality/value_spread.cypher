// How the values of each source spread
// Answers: for each source, currency and step the number of values other than zero, and of the logarithms of their sizes the
// median, the 1st and 99th percentile and the quartiles.
// Parameters:
//   $known_at  text, an ISO 8601 instant, or null: only what the system knew then, e.g. null
:params {known_at: null};
MATCH (t:Touchpoint)
WHERE t.value <> 0 AND ($known_at IS NULL OR t.ingested_at <= datetime($known_at))
WITH t.source AS source, t.currency AS currency, t.step AS step, log(abs(t.value)) AS logarithm
RETURN source, currency, step, count(*) AS values,
       percentileCont(logarithm, 0.01) AS p01, percentileCont(logarithm, 0.25) AS p25,
       percentileCont(logarithm, 0.5) AS p50, percentileCont(logarithm, 0.75) AS p75,
       percentileCont(logarithm, 0.99) AS p99
ORDER BY source, currency, step
