{{ config(materialized='table', partitioned_by=['sold_on'], format='parquet') }}
select bread, count(*) as sold, sold_on from {{ ref('staged_orders') }} group by bread, sold_on
