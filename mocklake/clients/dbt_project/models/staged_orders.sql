{{ config(materialized='view') }}
select id as order_id, customer_id, bread, price, sold_on from {{ ref('raw_orders') }}
