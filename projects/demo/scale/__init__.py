"""The demo at the size of a whole city, for measuring: thousands of units, hundreds of thousands of people.

Unlike the small demo, which is played through the services, these rows are written straight into the tables with COPY,
as the services would have left them; every constraint and trigger of the database stays on. They come on top of the
small demo, whose 重庆样例大学（虚构） becomes the huge unit: 陈样安, manager of its 软件学院, has the longest queue.

- `sizes`: how many of everything
- `invented`: names and numbers, a function of a serial number, so that every run makes the same ones
- `copying`: rows of a model into its table
- `places`: units with their legal accounts, and 二级单位
- `people`: accounts, 个人信息, requests and grants
- `proposals`: 申报书 with their history and messages; `filled_in`: what they say
- `fill`: all of it, in order
"""
