"""What is done to values and rows before they are stored, as the mapping declares it: nothing is done that isn't.

- `rules`: the models of the mapping's keys `clean`, `checks`, `traffic`, `impute`, `statistics` and `duplicates`;
- `cleaner`: a column's values to standard ones (`text`, `dates`, `places`, `contacts`, `codes`);
- `checks`: ranges, and what fields say together;
- `traffic`: rows of crawlers, tests and the company's own people;
- `statistics`, `imputation`: missing values filled from frozen statistics, each marked.
"""
