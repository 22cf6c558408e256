"""The call centre's log: who rang, who answered, for how long and what about."""

from datetime import timedelta
from pathlib import Path

from kehu.demo.sources.writing import Company, is_broken, local, write_csv

FILE = "call/calls.csv"
HEADINGS = ("通话编号", "开始时间", "来电号码", "坐席", "技能组", "时长(秒)", "主题", "备注")
AGENTS = ("8001 陈晓", "8002 刘洋", "8003 王璐", "8004 孙倩", "8005 赵凯", "8006 何敏")
TOPICS = (
    ("售后", "退换货", "{who}反映商品尺寸不合适，申请换货"),
    ("售后", "质量投诉", "{who}反映奶瓶漏水，已登记"),
    ("售前", "商品咨询", "{who}咨询奶粉段位"),
    ("物流", "催件", "{who}来电催快递"),
    ("会员", "积分查询", "{who}查询会员积分"),
    ("售后", "发票", "需补开发票"),
    ("企业", "团购报价", "{who}要团购报价，转商务"),
)


def write(company: Company, out: Path) -> int:
    rng = company.rng("call")
    rows: list[list[object]] = []
    for record in company.records["call"]:
        calls = 6 if record.person.is_heavy else 1 + (rng.random() < 0.4) + (rng.random() < 0.15)
        moment = record.created_at
        title = "先生" if record.person.gender == "male" else "女士"
        for _ in range(calls):
            group, topic, note = rng.choice(TOPICS)
            who = record.person.surname + title if rng.random() < 0.6 else "客户"
            seconds = int(rng.expovariate(1 / 180)) + 8
            row = [
                local(moment),
                record.phone,
                rng.choice(AGENTS),
                group,
                seconds,
                topic,
                note.format(who=who),
            ]
            rows.append(row)
            if is_broken(rng):  # number withheld
                rows.append([local(moment), "anonymous", rng.choice(AGENTS), group, 12, "无声", ""])
            moment = min(moment + timedelta(hours=rng.randint(2, 900)), company.now)
    rows.sort(key=lambda r: str(r[0]))
    return write_csv(out / FILE, HEADINGS, ([f"T{n:07d}", *row] for n, row in enumerate(rows, start=1)))
