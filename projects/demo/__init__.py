"""The demo data: invented units, people and 申报书, made through the same services that the pages use.

- `cast`: who there is (units, 二级单位, people and what becomes of their 个人信息)
- `stories`: calls, and the 申报书 with everything that happened to them
- `timeline`: plays what is said to have happened days ago, and sets the clocks of its rows back
- `script`: puts the cast on the timeline
- `accounts_file`: the accounts that the stand-in for 渝快办 offers, with what waits for each

Nobody and nothing here exists: names carry 样, 例, 拟, 试 or 测, units say （虚构）, numbers have the
reserved region 99.
"""
