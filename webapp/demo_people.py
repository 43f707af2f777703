"""The demo company: its departments and people, and the one password of all of them.

One person for each role has the role's id as login; they are the superiors of ``salesperson``. The others are there so
that there are colleagues and strangers: a second salesperson in the same department, a third in another one.
"""

from dataclasses import dataclass

from workflows.people.model import Role

DEMO_PASSWORD = "salesflow-demo"  # noqa: S105 - it is shown on the demo's sign-in page


@dataclass(frozen=True, slots=True)
class DemoDepartment:
    """A department, by a key of this module only."""

    key: str
    name: str
    name_en: str
    parent: str | None
    manager: str


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person; ``superior`` is a login."""

    login: str
    name: str
    name_en: str
    department: str
    superior: str
    roles: tuple[Role, ...]
    industry: str = ""
    job_grade: str = ""


DEMO_DEPARTMENTS = (
    DemoDepartment("company", "云帆商贸有限公司", "Yunfan Trading", None, "general_manager"),
    DemoDepartment("sales", "销售中心", "Sales", "company", "sales_director"),
    DemoDepartment("east", "华东销售部", "Sales East China", "sales", "sales_manager"),
    DemoDepartment("south", "华南销售部", "Sales South China", "sales", "sales_manager2"),
    DemoDepartment("finance", "财务部", "Finance", "company", "finance_director"),
    DemoDepartment("hr", "人力资源部", "Human resources", "company", "hr"),
    DemoDepartment("it", "信息部", "Information technology", "company", "administrator"),
)

DEMO_PEOPLE = (
    DemoPerson("general_manager", "陈国栋", "Chen Guodong", "company", "", (Role.GENERAL_MANAGER,)),
    DemoPerson("sales_director", "林雪梅", "Lin Xuemei", "sales", "general_manager", (Role.SALES_DIRECTOR,)),
    DemoPerson("sales_manager", "王志远", "Wang Zhiyuan", "east", "sales_director", (Role.SALES_MANAGER,)),
    DemoPerson("sales_supervisor", "周文博", "Zhou Wenbo", "east", "sales_manager",
               (Role.SALES_SUPERVISOR, Role.SALESPERSON), "医疗", "A"),
    DemoPerson("salesperson", "张小明", "Zhang Xiaoming", "east", "sales_manager", (Role.SALESPERSON,), "医疗", "B"),
    DemoPerson("salesperson2", "李婷婷", "Li Tingting", "east", "sales_manager", (Role.SALESPERSON,), "教育", "B"),
    DemoPerson("sales_assistant", "吴倩", "Wu Qian", "east", "sales_manager", (Role.SALES_ASSISTANT,)),
    DemoPerson("sales_manager2", "何建平", "He Jianping", "south", "sales_director", (Role.SALES_MANAGER,)),
    DemoPerson("salesperson3", "黄俊杰", "Huang Junjie", "south", "sales_manager2", (Role.SALESPERSON,), "制造", "C"),
    DemoPerson("finance_director", "郑海燕", "Zheng Haiyan", "finance", "general_manager", (Role.FINANCE_DIRECTOR,)),
    DemoPerson("accountant", "赵敏", "Zhao Min", "finance", "finance_director", (Role.ACCOUNTANT,)),
    DemoPerson("accountant2", "孙浩", "Sun Hao", "finance", "finance_director", (Role.ACCOUNTANT,)),
    DemoPerson("hr", "冯丽", "Feng Li", "hr", "general_manager", (Role.HR,)),
    DemoPerson("administrator", "高远", "Gao Yuan", "it", "general_manager", (Role.ADMINISTRATOR,)),
)

#: Whom one click signs in as.
DEMO_LOGINS = frozenset(person.login for person in DEMO_PEOPLE)
