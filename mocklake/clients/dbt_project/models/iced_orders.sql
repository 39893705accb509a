{{ config(materialized='incremental', table_type='iceberg', incremental_strategy='merge', unique_key='order_id', format='parquet') }}
select order_id, customer_id, bread, price from {{ ref('staged_orders') }}
