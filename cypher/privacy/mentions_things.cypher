// Where else a person's identifiers stand: products, categories and campaigns
// Answers: each text of one that holds an identifier, and whether the thing keeps its name: somebody else touched it too, or a table
// describes it and nobody touched it.
// Parameters:
//   $identifiers  list of text: in lower case, longer than a figure would be, e.g. ['anna@example.com']
//   $customer_id  text: who the person is in the graph (no more, or under a random name), e.g. 'customer-1'
:params {identifiers: ['anna@example.com'], customer_id: 'customer-1'};
MATCH (n:Product|Category|Campaign)
UNWIND keys(n) AS key
WITH n, key, n[key] AS value
WITH n, key, value, CASE WHEN value IS :: STRING NOT NULL THEN [value]
                         WHEN value IS :: LIST<STRING NOT NULL> NOT NULL THEN value ELSE [] END AS parts
WHERE any(part IN parts WHERE any(text IN $identifiers WHERE toLower(part) CONTAINS text))
RETURN elementId(n) AS id, CASE WHEN n:Product THEN 'product' WHEN n:Category THEN 'category' ELSE 'campaign' END AS kind, key, value,
       CASE WHEN n:Category THEN
              EXISTS { MATCH (n)<-[:IN_CATEGORY]-(p:Product)
                       WHERE (p.described IS NOT NULL AND NOT EXISTS { (p)<-[:ABOUT]-() })
                          OR EXISTS { MATCH (p)<-[:ABOUT]-()<-[:MADE]-(other:Customer) WHERE other.customer_id <> $customer_id } }
            ELSE (n.described IS NOT NULL AND NOT EXISTS { (n)<-[:ABOUT|CAME_FROM]-() })
                 OR EXISTS { MATCH (n)<-[:ABOUT|CAME_FROM]-()<-[:MADE]-(other:Customer) WHERE other.customer_id <> $customer_id }
       END AS stays
ORDER BY id, key
