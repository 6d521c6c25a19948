// Ids of other people that hold one of a person's identifiers
// Answers: each such id, as 'anna-2' for 'anna'. Where it stands in a text, the person is not meant.
// Parameters:
//   $identifiers  list of text: in lower case, e.g. ['anna']
:params {identifiers: ['anna']};
MATCH (n:Customer|MergedCustomer|Identifier)
WITH DISTINCT CASE WHEN n:Identifier THEN n.value ELSE n.customer_id END AS id
WITH id, toLower(id) AS lower
WHERE any(text IN $identifiers WHERE lower <> text AND lower CONTAINS text) AND NOT lower IN $identifiers
RETURN id
ORDER BY id
